import { describe, expect, it } from "vitest";

import { comparisonLines } from "../../src/report/comparison-lines.ts";
import { comparisonsOf, type ExpectedTraffic } from "../../src/report/comparisons.ts";
import { all, any, metric, MINUTE, plan, stage } from "../support/plan-builder.ts";

const rate = metric("rate", { unit: "ratio", window: MINUTE, confidence: 0.95 });
const BUSY: ExpectedTraffic = { requests: 5000, rate: 0.005 };
const QUIET: ExpectedTraffic = { requests: 100, rate: 0.001 };

function planWith(
  share: number | null,
  gate = "rate <= 2x stable",
  parts: Partial<typeof rate> = {},
) {
  return plan({
    metrics: [{ ...rate, ...parts }],
    stages: [
      stage("pilot", share, {
        soak: 10 * MINUTE,
        within: 20 * MINUTE,
        gates: [any([gate, "rate < 0.001"]), "p95 < 0.2"],
      }),
    ],
    triggers: { rollback: [all(["rate > 1.1x stable", "rate > 0.001"]), "p95 > 0.4"] },
  });
}

describe("what comparisons can see", () => {
  it("is told of each comparison at a confidence, and of nothing else", () => {
    const found = comparisonsOf(planWith(1), null);
    expect(found.map(({ place, text }) => [place, text])).toEqual([
      ["gate", "rate <= 2x stable"],
      ["trigger", "rate > 1.1x stable"],
    ]);
    expect(comparisonsOf(plan(), BUSY)).toEqual([]);
    expect(comparisonLines(plan(), BUSY)).toEqual([]);
  });

  it("is the published number of events where the traffic is not known", () => {
    const [gate, trigger] = comparisonsOf(planWith(1, "rate <= 2x stable"), null);
    expect(gate?.settled[0]?.events).toBeCloseTo(17, -1);
    expect(trigger?.settled.map(({ ratio }) => ratio)).toEqual([2, 5, 10]);
    expect(trigger?.settled[2]?.events).toBeLessThan(8);
    expect(JSON.stringify([gate, trigger])).not.toMatch(/"(?:after|requests)":\d/);
  });

  it("is a time where it is known, never less than a window", () => {
    const [gate, trigger] = comparisonsOf(planWith(1), BUSY);
    expect(gate).toMatchObject({ warning: null });
    expect(trigger?.settled.map(({ after }) => after)).toEqual([
      expect.any(Number),
      MINUTE,
      MINUTE,
    ]);
    expect(trigger?.smallest).toBeLessThan(2);
    expect(trigger?.warning).toBeNull();
  });

  it("takes longer at a higher confidence and with bursts", () => {
    const events = (parts: Partial<typeof rate>) =>
      comparisonsOf(planWith(1, "rate <= 2x stable", parts), null)[1]?.settled[0]?.events ?? 0;
    expect(events({ confidence: 0.99 })).toBeGreaterThan(events({}));
    expect(events({ designEffect: 4 })).toBeCloseTo(4 * events({}), 6);
  });
});

describe("a warning", () => {
  it("is given where the stage has too little time or traffic for its claims", () => {
    const [gate, trigger] = comparisonsOf(planWith(1), QUIET);
    expect(gate?.warning).toContain("longer than the stage has");
    expect(trigger?.warning).toBeNull();
    const tiny = comparisonsOf(planWith(1), { requests: 0.2, rate: 0.001 });
    expect(tiny[1]).toMatchObject({ smallest: null });
    expect(tiny[1]?.warning).toContain("too short or too small to find even 10x");
  });

  it("is given where a limit can never be proven", () => {
    const [gate] = comparisonsOf(planWith(1, "rate <= 1x stable"), BUSY);
    expect(gate?.warning).toContain("can never be proven below 1x");
  });

  it.each([100, 0, null])("is given where there is only one version: at %s %%", (share) => {
    const [gate] = comparisonsOf(planWith(share), BUSY);
    expect(gate?.settled).toEqual([]);
    expect(gate?.warning).toContain("nothing can be compared");
  });
});

it("is told in lines that a person can read", () => {
  expect(comparisonLines(planWith(1), QUIET).join("\n")).toMatchInlineSnapshot(`
    "comparisons with stable, settled in four of five runs, at 100 requests/s, of which 0.1% are events at stable
      pilot
        gate rate <= 2x stable at 95%
          one like stable is proven after 4h45m: about 17 events in 17154 requests at the canary
          WARNING: longer than the stage has: it would hold for a person; give it more traffic, more time or a wider limit
        trigger rate > 1.1x stable at 95%; in the time of the soak 9.22x or more
          2x is found after 5h32m: about 40 events in 19925 requests at the canary
          5x is found after 29m23s: about 9 events in 1763 requests at the canary
          10x is found after 8m50s: about 5 events in 530 requests at the canary
    "
  `);
  expect(comparisonLines(planWith(1), null)[0]).toContain("add --requests and --event-rate");
});
