import { expect, test, type TestContext } from "vitest";

import type { Sample } from "../../../src/core/sample.ts";
import {
  alertmanagerConfig,
  alertmanagerDriver,
  alertmanagerQuery,
} from "../../../src/drivers/metrics/alertmanager.ts";
import { driverContext } from "../../support/driver-context.ts";
import { freezeProcess } from "../../support/freeze-process.ts";
import {
  alertmanagerForTest,
  firingAlert,
  type RealAlertmanager,
} from "../../support/real-alertmanager.ts";
import { eventually } from "../../support/sandbox-client.ts";

interface Manager extends RealAlertmanager {
  readonly sample: (query: object, config?: object, timeout?: number) => Promise<Sample>;
}

async function managerForTest(context: TestContext): Promise<Manager> {
  const real = await alertmanagerForTest(context);
  return {
    ...real,
    sample: (query, given = {}, timeout = 10_000) =>
      alertmanagerDriver
        .open(alertmanagerConfig.parse({ url: `${real.url}/`, ...given }))
        .sample(
          alertmanagerQuery.parse(query),
          0,
          driverContext({ signal: AbortSignal.timeout(timeout) }),
        ),
  };
}

const FIRING = { firing: 'service="shop"' };

test("alerts of one service are counted and named, silenced and inhibited ones only when asked", async (context) => {
  const { post, sample } = await managerForTest(context);
  expect(await sample(FIRING)).toEqual({
    kind: "value",
    value: 0,
    samples: null,
    observedAt: null,
  });
  await post("alerts", [
    firingAlert({ alertname: "Slow", service: "shop", severity: "page" }),
    firingAlert({ alertname: "Errors", service: "shop", severity: "warning" }),
    firingAlert({ alertname: "Errors", service: "other", severity: "page" }),
  ]);
  const found = await eventually(
    () => sample(FIRING),
    (each) => each.kind === "value" && each.value === 2,
  );
  const finds = found.kind === "value" ? (found.finds ?? []) : [];
  expect(finds.toSorted()).toEqual([
    expect.stringMatching(/^Errors since 2/),
    expect.stringMatching(/^Slow since 2/),
  ]);
  const both = { firing: ['service="shop"', 'severity=~"page|critical"'] };
  expect(await sample(both)).toMatchObject({ value: 1 });

  await post("silences", {
    matchers: [{ name: "alertname", value: "Slow", isRegex: false, isEqual: true }],
    startsAt: new Date().toISOString(),
    endsAt: new Date(Date.now() + 60_000).toISOString(),
    createdBy: "test",
    comment: "test",
  });
  await eventually(
    () => sample(both),
    (each) => each.kind === "value" && each.value === 0,
  );
  expect(await sample({ ...both, silenced: true })).toMatchObject({ value: 1 });
  await post("alerts", [
    firingAlert({ alertname: "Cause" }),
    firingAlert({ alertname: "Effect", service: "b" }),
  ]);
  await eventually(
    () => sample({ firing: 'service="b"' }),
    (each) => each.kind === "value" && each.value === 0,
  );
  expect(await sample({ firing: 'service="b"', silenced: true })).toMatchObject({ value: 1 });

  const ended = { ...firingAlert({ alertname: "Errors", service: "shop", severity: "warning" }) };
  await post("alerts", [{ ...ended, endsAt: new Date().toISOString() }]);
  await eventually(
    () => sample(FIRING),
    (each) => each.kind === "value" && each.value === 0,
  );
}, 30_000);

test("a watchdog tells a quiet service from an alertmanager that nothing reaches", async (context) => {
  const { post, sample, pid, stop } = await managerForTest(context);
  const watchdog = { watchdog: 'alertname="Watchdog"' };
  expect(await sample(FIRING, watchdog)).toMatchObject({
    kind: "noData",
    why: expect.stringContaining("watchdog"),
  });
  const before = Date.now();
  await post("alerts", [firingAlert({ alertname: "Watchdog" })]);
  const alive = await eventually(
    () => sample(FIRING, watchdog),
    ({ kind }) => kind === "value",
  );
  expect(alive).toMatchObject({ kind: "value", value: 0 });
  const observedAt = alive.kind === "value" ? (alive.observedAt ?? 0) : 0;
  expect(observedAt).toBeGreaterThanOrEqual(before - 1000);

  expect(await sample({ firing: 'service="' })).toMatchObject({
    kind: "error",
    why: expect.stringMatching(/answered 400: .*unescaped/),
  });
  await freezeProcess(pid);
  expect(await sample(FIRING, {}, 300)).toMatchObject({ kind: "error" });
  process.kill(pid, "SIGCONT");
  await stop();
  expect(await sample(FIRING)).toMatchObject({
    kind: "error",
    why: expect.stringContaining("refused"),
  });
}, 30_000);

test.each([
  [{}, "expected string"],
  [{ firing: [] }, "too_small"],
  [{ firing: "shop" }, "write a matcher"],
])("%j is refused", (query, message) => {
  expect(JSON.stringify(alertmanagerQuery.safeParse(query).error?.issues)).toContain(message);
});
