import { expect, test } from "vitest";

import type { Sample } from "../../../src/core/sample.ts";
import {
  graphiteConfig,
  graphiteDriver,
  graphiteQuery,
} from "../../../src/drivers/metrics/graphite.ts";
import { driverContext } from "../../support/driver-context.ts";
import { freezeProcess } from "../../support/freeze-process.ts";
import { graphiteForTest } from "../../support/real-graphite.ts";
import { eventually } from "../../support/sandbox-client.ts";

test("points of a real graphite: last, sums, shares, nothing, several, refused, hanging, gone", async (context) => {
  const { url, web, send } = await graphiteForTest(context);
  const source = graphiteDriver.open(graphiteConfig.parse({ url: `${url}/` }));
  const sample = (query: object | string, window = 120_000, timeout = 10_000): Promise<Sample> =>
    source.sample(
      graphiteQuery.parse(typeof query === "string" ? { query } : query),
      window,
      driverContext({ signal: AbortSignal.timeout(timeout) }),
    );
  const now = Math.floor(Date.now() / 1000) - 1;
  await send(
    ["shop.canary.p95", 0.2, now - 30],
    ["shop.canary.p95", 0.4, now - 20],
    ["shop.canary.requests", 60, now - 30],
    ["shop.canary.requests", 40, now - 20],
    ["shop.canary.errors", 5, now - 25],
    ["shop.stable.requests", 7, now - 20],
    ["shop.zero", 0, now - 20],
  );
  const p95 = await eventually(
    () => sample("shop.canary.p95"),
    (each) => each.kind === "value" && each.value === 0.4,
  );
  expect(p95).toEqual({ kind: "value", value: 0.4, samples: null, observedAt: (now - 20) * 1000 });
  await eventually(
    () => sample("shop.zero"),
    ({ kind }) => kind === "value",
  );
  for (const [reduce, value] of [
    ["avg", 0.3],
    ["max", 0.4],
    ["min", 0.2],
    ["sum", 0.6],
  ] as const) {
    const reduced = await sample({ query: "shop.canary.p95", reduce });
    expect(reduced.kind === "value" ? reduced.value : Number.NaN).toBeCloseTo(value);
  }
  const samples = "shop.canary.requests";
  expect(await sample({ query: "shop.canary.p95", samples })).toMatchObject({ samples: 100 });
  expect(await sample({ bad: "shop.canary.errors", total: samples })).toEqual({
    kind: "value",
    value: 0.05,
    samples: 100,
    observedAt: (now - 20) * 1000,
  });
  expect(await sample({ bad: "shop.canary.absent", total: samples })).toMatchObject({ value: 0 });
  const summed = "summarize(shop.canary.requests, '${window}', 'sum', true)";
  expect(await sample(summed, 119_500)).toMatchObject({ kind: "value", value: 100 });

  for (const [query, window, kind, why] of [
    ["shop.nothing", 120_000, "noData", "gave nothing"],
    ["shop.canary.p95", 3000, "noData", "only null"],
    ["divideSeries(shop.canary.requests, shop.zero)", 120_000, "noData", "only null"],
    [
      "shop.*.requests",
      120_000,
      "error",
      "gave 2 series (shop.canary.requests, shop.stable.requests)",
    ],
    ["unknownFunction(shop.zero)", 120_000, "error", "unknown function"],
  ] as const)
    expect([query, await sample(query, window)]).toMatchObject([
      query,
      { kind, why: expect.stringContaining(why) },
    ]);

  await freezeProcess(web.pid);
  expect(await sample("shop.zero", 120_000, 300)).toMatchObject({ kind: "error" });
  process.kill(web.pid, "SIGCONT");
  await web.stop();
  expect(await sample("shop.zero")).toMatchObject({
    kind: "error",
    why: expect.stringContaining("refused"),
  });
}, 30_000);

test.each([
  ["sumSeries(a.b)", null],
  ["sumSeries(a.b", 9],
  ["sumSeries(alias(a.b, 'x(')))", 27],
  ["a.b)", 3],
])("an unbalanced parenthesis of %s is at %s", (query, offset) => {
  const message = expect.stringContaining("parenthesis");
  expect(graphiteDriver.lint({ query })).toEqual(
    offset === null ? [] : [{ key: "query", offset, message }],
  );
});

test("a share has no other `reduce` than the sum", () => {
  const parsed = graphiteQuery.safeParse({ bad: "a", total: "b", reduce: "last" });
  expect(parsed.error?.issues[0]?.message).toContain("adds up its points");
});
