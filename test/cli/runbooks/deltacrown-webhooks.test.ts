import { expect, test } from "vitest";

import { eachAlone, failingChecks, oneByOne, saidNo } from "../../support/broken-metrics.ts";
import { rehearsePlan } from "../../support/rehearse-plan.ts";
import { breakRunbook } from "../../support/runbook.ts";

const NAME = "deltacrown-webhooks";

/** A soak of two hours stands for the day: the windows are an hour long. */
const SHORT = ["soak=2h"];
const [FROM, FOREVER] = [90, 1000];

breakRunbook(
  NAME,
  [
    ...eachAlone("canary", FROM, 30, [
      `success_rate|85%|99%|${FOREVER}|trigger deliveries fail`,
      `success_rate|94%|99%|${FOREVER}|gate success_rate >= 95%`,
      `p95|2s|1s|${FOREVER}|gate p95 < 2000ms`,
      `cb_opens|5|0|${FOREVER}|gate cb_opens over stage < 5`,
      `unsigned|1|0|${FOREVER}|gate unsigned over stage == 0`,
    ]),
    // Zero both ways: the trigger is judged first, so that the gate never gets to be red.
    ...eachAlone("canary", FROM, 30, [`pii_leaks|1|0|${FOREVER}|trigger PII leak`], {
      standsFor: "gate pii_leaks over rollout == 0",
    }),
    ...oneByOne("canary", [
      "p95|2.1s|1s|5|trigger slow webhooks",
      "cb_opens|2|0|5|trigger breaker opens often",
      "cb_opens|2|0|5|trigger breaker opens more than once in five hours",
    ]),
    ...failingChecks("canary", 30, ["success-path", "retry-path", "no-retry-path", "breaker"]),
    {
      breaks: "gate stale-rejected passes",
      what: "a webhook of long ago is taken",
      broken: { checks: { "stale-rejected": [{ stage: "canary", after: "0s", result: "fail" }] } },
      exit: 30,
    },
    ...saidNo("canary", "100m", 30, ["mail-arrived", "receiver-stable", "team-confident"]),
    ...failingChecks(null, 20, ["secret-is-long"]),
    {
      breaks: "way back attempts",
      what: "one more attempt after webhooks were switched off",
      broken: {
        metrics: {
          pii_leaks: [{ stage: "canary", after: "90m", value: 1 }],
          attempts: [{ stage: "canary", after: "90m", value: 1 }],
        },
      },
      exit: 40,
    },
  ].map((one) => ({ ...one, set: SHORT })),
);

test.for(["settings", "flag"])("nothing is broken, by %s: promoted", async (by) => {
  const { exit, text } = await rehearsePlan(NAME, [...SHORT, `by=${by}`], {});
  expect(exit, text).toBe(0);
});

test("a leak of personal data is told to those whom the page names, and kept in its file", async () => {
  const leak = { stage: "canary", after: "90m", value: 1 };
  const { files, told } = await rehearsePlan(NAME, SHORT, { metrics: { pii_leaks: [leak] } });
  expect(told.filter(({ notice }) => notice.event === "rolling-back").map(({ to }) => to)).toEqual(
    expect.arrayContaining(["alerts", "oncall", "cto"]),
  );
  const [, alert] = [...files].find(([path]) => path.endsWith("/pii_alerts.log")) ?? [];
  expect(alert).toContain("PII leak: pii_leaks = 1 (> 0)");
});

test("deliveries fail for less than five minutes: told by the gate, and promoted", async () => {
  const { exit, text } = await rehearsePlan(NAME, SHORT, {
    metrics: {
      success_rate: [
        { stage: "canary", after: "90m", value: "85%", samples: 50 },
        { stage: "canary", after: "94m", value: "99%", samples: 50 },
      ],
    },
  });
  expect(exit, text).toBe(0);
  expect(text).toContain("gate success_rate >= 95%: RED");
});
