import { describe, expect, it } from "vitest";

import type { Sample } from "../../src/core/sample.ts";
import { holdOf, startMachine, type Machine, type World } from "../support/machine.ts";
import { any, metric, MINUTE, plan, SECOND, stage } from "../support/plan-builder.ts";

const rate = metric("rate", { unit: "ratio", window: 10 * SECOND, confidence: 0.95 });

interface Shape {
  readonly metric?: Partial<typeof rate>;
  readonly gates?: Parameters<typeof stage>[2] extends { gates?: infer G } | undefined ? G : never;
  readonly triggers?: readonly string[];
  readonly holds?: readonly string[];
}

function observing(shape: Shape = {}): Machine {
  const { gates = ["rate <= 2x stable"], triggers = [], holds = [] } = shape;
  const machine = startMachine(
    plan({
      metrics: [{ ...rate, ...shape.metric }],
      stages: [
        stage("pilot", 10, { gates, within: 5 * MINUTE }),
        stage("half", 50, { gates, within: 5 * MINUTE }),
      ],
      triggers: { rollback: triggers, hold: holds },
    }),
  );
  machine.until(({ phase }) => phase.kind === "observing");
  return machine;
}

/** What both arms count in each window: events of requests. */
function counting(
  canary: readonly [number, number],
  stable: readonly [number, number] = [10, 10_000],
): World {
  const sample = ([events, total]: readonly [number, number]): Sample => ({
    kind: "value",
    value: events / total,
    samples: total,
    observedAt: null,
  });
  return { sample: (key) => sample(key.includes("@stable") ? stable : canary) };
}

const EQUAL = counting([10, 10_000]);
const WORSE = counting([12, 2000]);

function claims(machine: Machine, owner: string) {
  const found = Object.entries(machine.state().claims).find(([key]) => key.startsWith(owner));
  if (found === undefined) throw new Error(`no evidence of ${owner}`);
  return found[1];
}

describe("a gate that compares with stable at a confidence", () => {
  it("promotes what is proven no worse, and takes no longer than its soak", () => {
    const machine = observing();
    const from = machine.now();
    machine.until(({ phase }) => phase.kind === "closing", EQUAL);
    expect(machine.now() - from).toBeLessThanOrEqual(MINUTE + 10 * SECOND);
    const judged = machine.notes().find(({ kind }) => kind === "gate-judged");
    expect(judged).toMatchObject({ outcome: "pass" });
    expect(JSON.stringify(judged)).toMatch(
      /rate: canary \d+ of \d+ \(0\.1%\), stable \d+ of \d+ \(0\.1%\): 1x stable.*proven no more than 2x at 95%/,
    );
    expect(machine.finish(EQUAL)).toEqual({ kind: "promoted" });
  });

  it("goes back for what is proven worse", () => {
    const machine = observing();
    expect(machine.finish(WORSE)).toEqual({ kind: "rolled-back", by: "machine" });
    expect(machine.state().cause).toMatchObject({ kind: "gate" });
  });

  it("holds for a person where nothing is settled, and never promotes on silence", () => {
    const machine = observing();
    machine.run(10 * MINUTE, counting([0, 10_000], [0, 10_000]));
    expect(holdOf(machine)).toMatchObject({ kind: "inconclusive", clears: "person" });
    expect(machine.state().cause).toBeNull();
  });

  it("is not red for a single bad window", () => {
    const machine = observing();
    machine.run(20 * SECOND, counting([1, 100], [1, 10_000]));
    expect(machine.state().phase).toMatchObject({ soak: { worst: "warming" } });
    expect(machine.finish(EQUAL)).toEqual({ kind: "promoted" });
  });

  it("is met by an absolute limit beside it where there is nothing to compare", () => {
    const machine = observing({ gates: [any(["rate <= 2x stable", "rate < 0.001"])] });
    expect(machine.finish(counting([0, 10_000], [0, 10_000]))).toEqual({ kind: "promoted" });
  });

  it("counts anew in each stage, while a trigger goes on", () => {
    const machine = observing({ triggers: ["rate > 1.1x stable"] });
    machine.until(({ stage: at, phase }) => at === 1 && phase.kind === "observing", EQUAL);
    const before = claims(machine, "trigger").test.looks;
    machine.run(20 * SECOND, EQUAL);
    expect(claims(machine, "gate:half").test.looks).toBeLessThanOrEqual(2);
    expect(claims(machine, "trigger").test.looks).toBeGreaterThan(before);
    expect(before).toBeGreaterThan(5);
  });

  it("counts anew when nobody looked for a while", () => {
    const machine = observing({ triggers: ["rate > 1.1x stable"] });
    machine.run(45 * SECOND, EQUAL);
    machine.pass(5 * MINUTE);
    machine.run(25 * SECOND, EQUAL);
    expect(claims(machine, "gate").test.looks).toBeLessThanOrEqual(3);
    expect(claims(machine, "trigger").test.looks).toBeGreaterThan(4);
  });

  it("wants its least number of samples of the sum, not of each window", () => {
    const small = counting([3, 3000]);
    const enough = observing({ metric: { minSamples: 12_000 } });
    expect(enough.finish(small)).toEqual({ kind: "promoted" });
    const more = observing({ metric: { minSamples: 1e9 } });
    more.run(10 * MINUTE, small);
    expect(holdOf(more).kind).toBe("inconclusive");
  });

  it.each([
    ["is blind", { kind: "noData", why: "empty" }],
    ["fails", { kind: "error", why: "refused" }],
    ["counts nothing", { kind: "value", value: 0, samples: null, observedAt: null }],
  ] as const)("holds where one of the arms %s", (_, sample) => {
    for (const arm of ["rate", "rate@stable"]) {
      const machine = observing();
      machine.run(MINUTE, { sample: (key) => (key === arm ? sample : EQUAL.sample?.(key, 0)) });
      expect(holdOf(machine).kind).toBe("blind");
    }
  });
});

describe("a trigger that compares with stable at a confidence", () => {
  it("rolls back once it is proven, with both rates and how sure it is", () => {
    const machine = observing({ triggers: ["rate > 1.1x stable"] });
    machine.until(({ cause }) => cause !== null, WORSE);
    expect(machine.state().cause?.text).toMatch(
      /canary 12 of 2000 \(0\.6%\), stable 10 of 10000 \(0\.1%\): 6x stable, at least [\d.]+x, at most [\d.]+x; proven more than 1\.1x at 95%/,
    );
  });

  it("does not fire for what may be chance, and is not blind meanwhile", () => {
    const machine = observing({ triggers: ["rate > 1.1x stable"] });
    machine.run(30 * SECOND, counting([1, 500], [10, 10_000]));
    expect(machine.state()).toMatchObject({ cause: null, hold: null });
  });

  it("that holds has to be proven anew after a resume", () => {
    const machine = observing({ holds: ["rate > 1.1x stable"] });
    machine.until(({ hold }) => hold !== null, WORSE);
    expect(holdOf(machine).kind).toBe("trigger");
    machine.say({ kind: "resume" });
    expect(machine.state().claims).toEqual({});
    expect(machine.finish(EQUAL)).toEqual({ kind: "promoted" });
  });

  it("counts no window twice, and none from before the stage is observed", () => {
    const machine = observing({
      metric: { window: 30 * SECOND },
      triggers: ["rate > 1.1x stable"],
    });
    machine.run(MINUTE - 1, EQUAL);
    expect(claims(machine, "trigger").test.looks).toBe(1);
    machine.run(MINUTE, EQUAL);
    expect(claims(machine, "trigger").test.looks).toBeLessThanOrEqual(4);
  });

  it("goes on in another process, whose windows begin with it", () => {
    const machine = observing({ triggers: ["rate > 1.1x stable"] });
    machine.run(45 * SECOND, EQUAL);
    const { test } = claims(machine, "trigger");
    machine.takeOver("continue");
    expect(Object.keys(machine.state().claims)).toHaveLength(1);
    expect(claims(machine, "trigger")).toMatchObject({ test, until: machine.now() });
    machine.run(9 * SECOND, EQUAL);
    expect(claims(machine, "trigger").test).toEqual(test);
    machine.run(10 * SECOND, EQUAL);
    expect(claims(machine, "trigger").test.looks).toBe(test.looks + 1);
  });
});

it("without a confidence a comparison with stable is that of two values", () => {
  const { confidence: _, ...plain } = rate;
  const machine = startMachine(
    plan({ metrics: [plain], stages: [stage("pilot", 10, { gates: ["rate <= 2x stable"] })] }),
  );
  machine.until(({ hold, phase }) => hold !== null || phase.kind === "closing", EQUAL);
  expect(machine.state().claims).toEqual({});
  expect(machine.notes().some((note) => JSON.stringify(note).includes("rate = 0.1%"))).toBe(true);
});
