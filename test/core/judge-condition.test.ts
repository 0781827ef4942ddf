import { describe, expect, it } from "vitest";

import type { Condition } from "../../src/core/condition.ts";
import { gateOutcome, judgeCondition, triggerOutcome } from "../../src/core/judge-condition.ts";
import type { Judged } from "../../src/core/judged.ts";
import { measurementsOf } from "../../src/core/measurements.ts";
import type { Sample } from "../../src/core/sample.ts";
import { idle, type State } from "../../src/core/state.ts";
import { all, any, check, metric, MINUTE, plan, SECOND, when } from "../support/plan-builder.ts";

const shop = plan({
  metrics: [
    metric("counted", { minSamples: 100 }),
    metric("ranged", { window: 5 * MINUTE }),
    metric("stated", { baseline: 0.5 }),
  ],
  checks: [
    check("smoke"),
    check("probe", { interval: 10 * SECOND }),
    check("council", { driver: "confirm" }),
  ],
});

function value(of: number | boolean, samples: number | null = null): Sample {
  return { kind: "value", value: of, samples, observedAt: null };
}

interface Seen {
  readonly samples?: Readonly<Record<string, number | boolean | Sample>>;
  /** When the samples came. */
  readonly at?: number;
  readonly now?: number;
  readonly clock?: number | null;
  readonly state?: Partial<State>;
}

function judge(text: string | Condition, seen: Seen = {}): Judged {
  const { samples = {}, at = 1000, now = at, clock = null, state = {} } = seen;
  const measured = Object.entries(samples).map(([key, sample]) => [
    key,
    { at, sample: typeof sample === "object" ? sample : value(sample) },
  ]);
  return judgeCondition(typeof text === "string" ? when(text) : text, {
    plan: shop,
    state: { ...idle, samples: Object.fromEntries(measured), ...state },
    now,
    owner: "o",
    clock,
  });
}

describe("an answer that is overdue", () => {
  const asked = { samples: { stated: 0 }, at: 1000, clock: 0 };
  const every = shop.stages[0]?.interval ?? shop.interval;
  const stage = { stage: 0 };

  it("lets no gate go on, and is no blindness yet", () => {
    const late = { ...asked, now: 1001 + 3 * every, state: stage };
    expect(judge("stated < 1", late)).toMatchObject({ truth: "inconclusive" });
    expect(judge("stated < 1", { ...late, now: 1000 + 3 * every }).truth).toBe("holds");
  });

  it("does not take its last word from a trigger", () => {
    const late = { ...asked, clock: null, now: 1001 + 3 * every, state: stage };
    expect(judge("stated < 1", late).truth).toBe("holds");
  });
});

describe("an answer whose source says when it observed it", () => {
  /** Asked `at` about a window of 5 minutes, in a stage that began 4 minutes after the start. */
  const seen = (observed: number, at: number, of = 0): Seen => ({
    at,
    clock: 4 * MINUTE,
    state: { samples: { ranged: { sample: value(of), at, observed } } },
  });

  it("counts where that lies in the window that was asked about", () => {
    expect(judge("ranged < 1", seen(5 * MINUTE, 10 * MINUTE)).truth).toBe("holds");
  });

  it("counts of a source that lags once it has seen a whole window of the stage", () => {
    expect(judge("ranged < 1", seen(9 * MINUTE, 30 * MINUTE)).truth).toBe("holds");
    expect(judge("ranged < 1", seen(9 * MINUTE - 1, 30 * MINUTE)).truth).toBe("warming");
  });

  it("passes no gate and fails none where the source stands still, or saw nothing of the stage", () => {
    for (const of of [0, 2]) {
      expect(judge("ranged < 1", seen(5 * MINUTE - 1, 10 * MINUTE, of))).toMatchObject({
        truth: "warming",
        detail:
          "ranged: its source has seen nothing newer for 300001 ms, which tells too little of this stage",
      });
      expect(judge("ranged < 1", seen(4 * MINUTE - 1, 9 * MINUTE, of)).truth).toBe("warming");
    }
  });

  it("is taken by a trigger, which no stage delays", () => {
    expect(judge("ranged > 1", { ...seen(MINUTE, 10 * MINUTE, 2), clock: null }).truth).toBe(
      "holds",
    );
  });

  it("counts of both arms, and without a window from the beginning of the stage", () => {
    const at = 10 * MINUTE;
    const stable = { sample: value(1), at, observed: MINUTE };
    const samples = { ranged: { sample: value(0), at }, "ranged@stable": stable };
    const late = { at, clock: 4 * MINUTE, state: { samples } };
    expect(judge("ranged <= 2x stable", late).truth).toBe("warming");
    expect(judge("ranged < 2", late).truth).toBe("holds");
    const gauge = (observed: number): Seen => ({
      ...late,
      state: { samples: { stated: { sample: value(0), at, observed } } },
    });
    expect(judge("stated < 1", gauge(4 * MINUTE)).truth).toBe("holds");
    expect(judge("stated < 1", gauge(4 * MINUTE - 1)).truth).toBe("warming");
  });
});

describe("a comparison", () => {
  it("tells what its source counted, the first few", () => {
    const finds = ["Slow since 8:12", "Errors since 8:14", "Full since 8:15", "Late since 8:16"];
    const sample = (count: number): Sample => ({
      kind: "value",
      value: count,
      samples: null,
      observedAt: null,
      finds: finds.slice(0, count),
    });
    expect(judge("stated == 0", { samples: { stated: sample(1) } }).detail).toBe(
      "stated = 1 (== 0): Slow since 8:12",
    );
    expect(judge("stated == 0", { samples: { stated: sample(4) } }).detail).toMatch(
      /: Slow since 8:12, Errors since 8:14, Full since 8:15, and 1 more$/,
    );
    expect(judge("stated == 0", { samples: { stated: sample(0) } }).detail).toBe(
      "stated = 0 (== 0)",
    );
  });

  it.each([
    ["<", [true, false, false]],
    ["<=", [true, true, false]],
    [">", [false, false, true]],
    [">=", [false, true, true]],
    ["==", [false, true, false]],
    ["!=", [true, false, true]],
  ] as const)("with %s holds below, at and above its limit as its sign says", (sign, wanted) => {
    const held = [1, 2, 3].map((p95) => judge(`p95 ${sign} 2`, { samples: { p95 } }).truth);
    expect(held).toEqual(wanted.map((holds) => (holds ? "holds" : "not")));
  });

  it("of a boolean is true only of the same boolean", () => {
    expect(judge("p95 == true", { samples: { p95: true } }).truth).toBe("holds");
    expect(judge("p95 == true", { samples: { p95: 1 } }).truth).toBe("not");
    expect(judge("p95 != true", { samples: { p95: false } }).truth).toBe("holds");
  });

  it("asks the question of its own window", () => {
    const samples = { p95: 1, "p95 over stage": 0 };
    expect(judge("p95 over stage < 0.5", { samples }).truth).toBe("holds");
    expect(judge("p95 < 0.5", { samples }).truth).toBe("not");
  });
});

describe("what is not a value", () => {
  it.each([
    [{ kind: "noData", why: "empty" }, "noData"],
    [{ kind: "stale", why: "old", age: 1 }, "stale"],
    [{ kind: "error", why: "refused" }, "error"],
  ] as const)("neither holds nor fails: %o", (sample, truth) => {
    const judged = judge("p95 < 1", { samples: { p95: sample } });
    expect(judged.truth).toBe(truth);
    expect(gateOutcome(judged.truth)).toBe(truth);
    expect(triggerOutcome(judged.truth)).toBe(truth);
  });

  it.each([
    ["inconclusive", value(0, 99)],
    ["inconclusive", value(0, null)],
    ["holds", value(0, 100)],
  ] as const)("too few samples are %s: %o", (truth, counted) => {
    expect(judge("counted < 1", { samples: { counted } }).truth).toBe(truth);
  });

  it("is inconclusive for gate and trigger when nothing was counted", () => {
    expect(gateOutcome("inconclusive")).toBe("inconclusive");
    expect(triggerOutcome("inconclusive")).toBe("inconclusive");
    expect(triggerOutcome("warming")).toBe("inconclusive");
    expect(triggerOutcome("waiting")).toBe("inconclusive");
  });

  it("is a value that its source has not renewed: maxAge, its timeout and an interval later", () => {
    const bound = MINUTE + 10 * SECOND + 10 * SECOND;
    const samples = { p95: 0 };
    expect(judge("p95 < 1", { samples, at: 0, now: bound }).truth).toBe("holds");
    expect(judge("p95 < 1", { samples, at: 0, now: bound + 1 }).truth).toBe("stale");
  });

  it("is a metric that nobody has measured yet", () => {
    expect(judge("p95 < 1").truth).toBe("inconclusive");
    expect(judge("p95 < 1", { clock: 0 }).truth).toBe("warming");
    expect(() => judge("never < 1")).toThrow("unknown metric never");
  });
});

describe("a gate's clock", () => {
  const samples = { ranged: 0, p95: 0, "p95 over stage": 0, "p95 over 60000ms": 0 };

  it("lets a metric count from the clock and its range on", () => {
    const clock = 1000;
    const end = clock + 5 * MINUTE;
    expect(judge("ranged < 1", { samples, clock, at: end - 1 }).truth).toBe("warming");
    expect(judge("ranged < 1", { samples, clock, at: end }).truth).toBe("holds");
  });

  it("goes by the window that the condition states", () => {
    const clock = 1000;
    expect(judge("p95 over 1m < 1", { samples, clock, at: clock + MINUTE - 1 }).truth).toBe(
      "warming",
    );
    expect(judge("p95 over 1m < 1", { samples, clock, at: clock + MINUTE }).truth).toBe("holds");
    expect(judge("p95 over stage < 1", { samples, clock, at: clock + 1 }).truth).toBe("holds");
  });

  it("lets no sample count that came before it", () => {
    expect(judge("p95 < 1", { samples, at: 1000, now: 2000, clock: 1000 }).truth).toBe("warming");
    expect(judge("p95 < 1", { samples, at: 1001, now: 2000, clock: 1000 }).truth).toBe("holds");
  });

  it("does not bind a trigger", () => {
    expect(judge("ranged < 1", { samples, at: 1 }).truth).toBe("holds");
  });
});

describe("a relative limit", () => {
  it("multiplies or shifts the baseline captured before the rollout, or the one stated", () => {
    const state = { baseline: { p95: 0.2 }, samples: { p95: { at: 1000, sample: value(0.3) } } };
    expect(judge("p95 <= 1.6x baseline", { state }).truth).toBe("holds");
    expect(judge("p95 <= 1.4x baseline", { state }).truth).toBe("not");
    expect(judge("p95 <= baseline + 0.2", { state }).truth).toBe("holds");
    expect(judge("p95 <= baseline + 0.05", { state }).truth).toBe("not");
    expect(judge("stated <= 1.2x baseline", { samples: { stated: 0.6 } }).truth).toBe("holds");
    expect(judge("p95 <= 1.6x baseline", { samples: { p95: 0.3 } }).truth).toBe("noData");
  });

  it("asks the stable arm the same question, and never takes the canary's answer for its", () => {
    expect(measurementsOf(when("p95 over stage <= 1.1x stable")).map(({ key }) => key)).toEqual([
      "p95 over stage",
      "p95@stable over stage",
    ]);
    expect(measurementsOf(when("p95 <= stable + 0.1"))).toMatchObject([
      { key: "p95" },
      { key: "p95@stable", arm: "stable" },
    ]);
    expect(measurementsOf(when("p95 <= 1.1x baseline"))).toHaveLength(1);
    const samples = { p95: 1, "p95@stable": 0.5 };
    expect(judge("p95 <= 1.1x stable", { samples }).truth).toBe("not");
    expect(judge("p95 <= 2x stable", { samples }).truth).toBe("holds");
    expect(judge("p95 <= stable + 0.6", { samples }).truth).toBe("holds");
    expect(judge("p95 <= 2x stable", { samples: { p95: 1 } }).truth).toBe("inconclusive");
  });

  it.each([
    [{ kind: "noData", why: "empty" }, "noData"],
    [{ kind: "error", why: "refused" }, "error"],
    [value(true), "noData"],
  ] as const)("with a stable arm that says %o is %s", (stable, truth) => {
    const samples = { p95: 1, "p95@stable": stable };
    expect(judge("p95 <= 2x stable", { samples }).truth).toBe(truth);
  });

  it("counts the samples of the stable arm too", () => {
    const samples = { counted: value(0, 100), "counted@stable": value(1, 99) };
    expect(judge("counted <= 2x stable", { samples }).truth).toBe("inconclusive");
  });

  it("with a stable arm from before the clock, or of long ago, is not judged", () => {
    const fresh = { at: 100_000, sample: value(0) };
    const samples = { p95: fresh, "p95@stable": { at: 1000, sample: value(1) } };
    const late = { now: 100_000, state: { samples } };
    expect(judge("p95 <= 2x stable", { ...late, clock: 1000 }).truth).toBe("warming");
    expect(judge("p95 <= 2x stable", late).truth).toBe("stale");
  });
});

describe("a check or a person's word", () => {
  const record = (result: "pass" | "fail" | "error") => ({
    checks: { smoke: { result, at: 1000, failures: 0, detail: "" } },
  });

  it("holds, fails, or could not be run", () => {
    expect(judge("smoke passes", { state: record("pass") }).truth).toBe("holds");
    expect(judge("smoke passes", { state: record("fail") }).truth).toBe("not");
    expect(judge("smoke fails", { state: record("fail") }).truth).toBe("holds");
    expect(judge("smoke fails", { state: record("error") }).truth).toBe("error");
    expect(judge("smoke passes", { state: record("error") }).truth).toBe("error");
  });

  it("waits for its turn in a gate, unless it is asked again and again", () => {
    expect(judge("smoke passes", { clock: 0 }).truth).toBe("waiting");
    expect(judge("probe passes", { clock: 0 }).truth).toBe("inconclusive");
    expect(judge("smoke passes").truth).toBe("inconclusive");
    expect(judge("smoke passes", { state: record("pass"), clock: 1001 }).truth).toBe("waiting");
  });

  it.each([
    [true, "holds"],
    [false, "not"],
  ] as const)("given as %s is %s", (yes, truth) => {
    const state = { confirmations: { council: { yes, by: "anna" } } };
    expect(judge("council confirmed", { state }).truth).toBe(truth);
    expect(judge("council confirmed").truth).toBe("waiting");
  });
});

describe("a compound condition", () => {
  const both = ["p95 > 1", "errors > 1"];
  const noData: Sample = { kind: "noData", why: "" };

  it("of all holds when all hold, and fails when one does not, whatever the others say", () => {
    expect(judge(all(both), { samples: { p95: 2, errors: 2 } }).truth).toBe("holds");
    expect(judge(all(both), { samples: { p95: 2, errors: 0 } }).truth).toBe("not");
    expect(judge(all(both), { samples: { p95: 0, errors: noData } }).truth).toBe("not");
    expect(judge(all(both), { samples: { p95: 2, errors: noData } }).truth).toBe("noData");
  });

  it("of any holds when one holds, whatever the others say, and fails when none does", () => {
    expect(judge(any(both), { samples: { p95: 2, errors: noData } }).truth).toBe("holds");
    expect(judge(any(both), { samples: { p95: 0, errors: 0 } }).truth).toBe("not");
    expect(judge(any(both), { samples: { p95: 0, errors: noData } }).truth).toBe("noData");
  });

  it("of nothing says nothing", () => {
    expect(judge(all([])).truth).toBe("noData");
    expect(judge(any([])).truth).toBe("noData");
  });
});

describe("`for`", () => {
  const held = "p95 > 1 for 1m";

  it("begins with the first look at what holds, and is over with a look a whole span later", () => {
    const first = judge(held, { samples: { p95: 2 }, at: 5000 });
    expect(first).toMatchObject({ truth: "not", since: { "o#0": 5000 } });
    const state = { since: first.since };
    const samples = { p95: { at: 64_999, sample: value(2) } };
    expect(judge(held, { now: 64_999, state: { ...state, samples } }).truth).toBe("not");
    const later = { p95: { at: 65_000, sample: value(2) } };
    expect(judge(held, { now: 65_000, state: { ...state, samples: later } }).truth).toBe("holds");
  });

  it("warms a gate up, and does not fail it", () => {
    expect(judge(held, { samples: { p95: 2 }, at: 5000, clock: 0 }).truth).toBe("warming");
  });

  it.each([held, all([held]), all(["p95 > 1"], MINUTE), any(["p95 > 1"], MINUTE)])(
    "is not completed by time without a look: %o",
    (condition) => {
      const samples = { p95: { at: 5000, sample: value(2) } };
      const { since } = judge(condition, { now: 5000, state: { samples } });
      expect(Object.values(since)).toEqual([5000]);
      const later = judge(condition, { now: 70_000, state: { samples, since } });
      expect(later).toMatchObject({ truth: "not", since });
    },
  );

  it("of all goes by the oldest look, of any by the latest", () => {
    const samples = {
      p95: { at: 65_000, sample: value(2) },
      errors: { at: 64_000, sample: value(2) },
    };
    const state = { samples, since: { "o#0": 5000 } };
    const parts = ["p95 > 1", "errors > 1"];
    expect(judge(all(parts, MINUTE), { now: 65_000, state }).truth).toBe("not");
    expect(judge(any(parts, MINUTE), { now: 65_000, state }).truth).toBe("holds");
  });

  it("is kept by a blind look and forgotten by one that does not hold", () => {
    const since = { "o#0": 5000 };
    const blind = judge(held, {
      samples: { p95: { kind: "error", why: "" } },
      at: 90_000,
      state: { since, samples: { p95: { at: 90_000, sample: { kind: "error", why: "" } } } },
    });
    expect(blind).toMatchObject({ truth: "error", since });
    const samples = { p95: { at: 90_000, sample: value(0) } };
    expect(judge(held, { now: 90_000, state: { since, samples } })).toMatchObject({
      truth: "not",
      since: {},
    });
  });
});
