import { describe, expect, it } from "vitest";

import { comparisonLines } from "../../src/report/comparison-lines.ts";
import { comparisonsOf, type KnownTraffic } from "../../src/report/comparisons.ts";
import { all, any, metric, MINUTE, plan, stage } from "../support/plan-builder.ts";

const rate = metric("rate", { unit: "ratio", window: MINUTE, confidence: 0.95 });
const BUSY: KnownTraffic = { given: { requests: 5000, rate: 0.005 } };
const QUIET: KnownTraffic = { given: { requests: 100, rate: 0.001 } };
const UNKNOWN: KnownTraffic = { given: null };

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
    const found = comparisonsOf(planWith(1), UNKNOWN);
    expect(found.map(({ place, text }) => [place, text])).toEqual([
      ["gate", "rate <= 2x stable"],
      ["trigger", "rate > 1.1x stable"],
    ]);
    expect(comparisonsOf(plan(), BUSY)).toEqual([]);
    expect(comparisonLines(plan(), BUSY)).toEqual([]);
  });

  it("is the published number of events where the traffic is not known", () => {
    const [gate, trigger] = comparisonsOf(planWith(1, "rate <= 2x stable"), UNKNOWN);
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
      comparisonsOf(planWith(1, "rate <= 2x stable", parts), UNKNOWN)[1]?.settled[0]?.events ?? 0;
    expect(events({ confidence: 0.99 })).toBeGreaterThan(events({}));
    expect(events({ designEffect: 4 })).toBeCloseTo(4 * events({}), 6);
  });
});

describe("what is known of the traffic", () => {
  it("is the stated baseline of a metric where no rate of events is given", () => {
    const given = { requests: 100, rate: null };
    const [none] = comparisonsOf(planWith(1), { given });
    expect(none).toMatchObject({ expected: null, settled: [{ after: null }, {}, {}] });
    const [stated] = comparisonsOf(planWith(1, "rate <= 2x stable", { baseline: 0.001 }), {
      given,
    });
    expect(stated?.expected?.requests).toBeCloseTo(600, 6);
    expect(stated?.expected?.events).toBeCloseTo(0.6, 6);
  });

  it("is what was measured, metric by metric", () => {
    const measured = new Map([["rate", { requests: 5000, rate: 0.005 }]]);
    const found = comparisonsOf(planWith(1), { given: null, measured });
    expect(found).toEqual(comparisonsOf(planWith(1), BUSY));
    const [title] = comparisonLines(planWith(1), { given: null, measured });
    expect(title).toContain("as stable is now: rate 5000 requests/s, 0.5% events");
    const [silent] = comparisonLines(planWith(1), { given: null, measured: new Map() });
    expect(silent).toContain("nothing could be measured");
  });
});

it("comparisons that share their false alarms take longer, and say with how many they share", () => {
  const two = plan({
    metrics: [rate, { ...rate, name: "slow" }],
    stages: [stage("pilot", 1, { soak: 10 * MINUTE })],
    triggers: {
      rollback: ["rate > 1.1x stable", "slow > 1.1x stable"],
      warn: ["rate > 2x stable"],
    },
  });
  const [first, second, alone] = comparisonsOf(two, UNKNOWN);
  expect([first?.sharedBy, second?.sharedBy, alone?.sharedBy]).toEqual([2, 2, 1]);
  const [single] = comparisonsOf(planWith(1), UNKNOWN).slice(1);
  expect(first?.settled[0]?.events).toBeGreaterThan((single?.settled[0]?.events ?? 0) * 1.05);
  expect(comparisonLines(two, UNKNOWN).join("\n")).toContain("at 95%, alarms shared by 2");
});

it("values that are no counts say how many windows they need", () => {
  const cost = metric("cost", { window: MINUTE, confidence: 0.95, compares: "means" });
  const shape = (soak: number) =>
    plan({
      metrics: [cost],
      stages: [stage("pilot", 1, { soak })],
      triggers: { rollback: ["cost > 1.1x stable"] },
    });
  const [short] = comparisonsOf(shape(10 * MINUTE), BUSY);
  expect(short?.warning).toContain("over 20 windows at least, which take 20m; the soak is 10m");
  expect(comparisonsOf(shape(20 * MINUTE), BUSY)[0]?.warning).toBeNull();
});

it("values without a bound are compared about at the confidence, and it is said why and what to do", () => {
  const shape = (given: object, gate: string) =>
    plan({
      metrics: [metric("cost", { window: MINUTE, confidence: 0.95, compares: "means", ...given })],
      stages: [stage("pilot", 1, { soak: 5 * MINUTE, within: 10 * MINUTE, gates: [gate] })],
    });
  const open = comparisonLines(shape({}, "cost <= 1.1x stable"), BUSY).join("\n");
  expect(open).toContain("gate cost <= 1.1x stable at about 95%\n");
  expect(open).toMatch(/about: it holds for means .* heavy tails .*: give cost a `max`, or count/u);
  const bounded = comparisonLines(shape({ max: 2 }, "cost <= 1.1x stable"), BUSY).join("\n");
  expect(bounded).toContain("gate cost <= 1.1x stable at 95%\n");
  expect(bounded).not.toContain("about");
  // Half of the most that it may be, and a tenth less than the limit: the stakes grow slowly.
  const [slow] = comparisonsOf(shape({ max: 2 }, "cost <= 1.1x stable"), BUSY);
  expect(slow?.warning).toMatch(/over \d{2,3} windows at least, which take .*; the stage has 10m/u);
  const [lower] = comparisonsOf(shape({ max: 2, baseline: 0.2 }, "cost <= 1.1x stable"), BUSY);
  const windows = (warning?: string | null) => Number(/over (\d+)/u.exec(warning ?? "")?.[1]);
  expect(windows(lower?.warning)).toBeGreaterThan(3 * windows(slow?.warning));
  expect(comparisonsOf(shape({ max: 2 }, "cost <= 9x stable"), BUSY)[0]?.warning).toBeNull();
  const [never] = comparisonsOf(shape({ max: 2 }, "cost <= 1x stable"), BUSY);
  expect(never?.warning).toContain("can never be proven");
});

describe("a warning", () => {
  it("is given where the stage has too little time or traffic for its claims", () => {
    const [gate, trigger] = comparisonsOf(planWith(1), QUIET);
    expect(gate?.warning).toContain("longer than the stage has");
    expect(trigger?.warning).toBeNull();
    const tiny = comparisonsOf(planWith(1), { given: { requests: 0.2, rate: 0.001 } });
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
          expected in the soak: 600 requests at the canary, 0.6 events if it is like stable
          smallest that the soak finds: 11.7x
          one like stable is proven after 4h45m: about 17 events in 17154 requests at the canary
          5x is found after 1h1m: about 18 events in 3695 requests at the canary
          10x is found after 13m10s: about 8 events in 791 requests at the canary
          WARNING: longer than the stage has: it would hold for a person; give it more traffic, more time or a wider limit
        trigger rate > 1.1x stable at 95%
          expected in the soak: 600 requests at the canary, 0.6 events if it is like stable
          smallest that the soak finds: 8.98x
          2x is found after 6h13m: about 45 events in 22410 requests at the canary
          5x is found after 28m8s: about 8 events in 1689 requests at the canary
          10x is found after 8m28s: about 5 events in 509 requests at the canary
    "
  `);
  expect(comparisonLines(planWith(1), UNKNOWN)[0]).toContain("add --requests and --event-rate");
});
