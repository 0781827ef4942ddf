import { describe, expect, it } from "vitest";

import type { Sample } from "../../src/core/sample.ts";
import { holdOf, startMachine, type Machine, type World } from "../support/machine.ts";
import { check, metric, MINUTE, plan, SECOND, stage } from "../support/plan-builder.ts";

function observing(parts: Parameters<typeof plan>[0]): Machine {
  const machine = startMachine(plan(parts));
  machine.until(({ phase }) => phase.kind === "observing");
  return machine;
}

const bounded = (gates: readonly string[], within = 3 * MINUTE) => ({
  metrics: [metric("counted", { minSamples: 100 })],
  checks: [check("council", { driver: "confirm" })],
  stages: [stage("pilot", 10, { gates, within })],
});

const RED: World = { sample: () => 1 };

function counted(samples: number | null): Sample {
  return { kind: "value", value: 0, samples, observedAt: null };
}

describe("the bound of a stage", () => {
  it("sends it back when a gate was red, and not a tick sooner", () => {
    const machine = observing(bounded(["p95 < 0.2"]));
    const from = machine.now();
    machine.until(({ cause }) => cause !== null, RED);
    expect(machine.state().cause).toMatchObject({ kind: "gate" });
    expect(machine.state().cause?.text).toContain(
      "stage pilot did not pass within 180 s: p95 < 0.2",
    );
    expect(machine.now() - from).toBeGreaterThanOrEqual(3 * MINUTE);
    expect(machine.now() - from).toBeLessThan(3 * MINUTE + 20 * SECOND);
  });

  it.each([99, 0, null])(
    "holds it when no gate was red, but one had only %s samples",
    (samples) => {
      const machine = observing(bounded(["p95 < 0.2", "counted < 0.5"]));
      machine.run(10 * MINUTE, { sample: (key) => (key === "counted" ? counted(samples) : 0) });
      expect(holdOf(machine)).toMatchObject({ kind: "inconclusive", clears: "person" });
      expect(machine.state().cause).toBeNull();
      machine.say({ kind: "resume" });
      const enough = { sample: () => counted(100) };
      expect(machine.finish(enough)).toEqual({ kind: "promoted" });
    },
  );

  it.each(["noData", "stale", "error"] as const)("holds it when it was blind by %s", (kind) => {
    const sample = (kind === "stale" ? { kind, why: "", age: 1 } : { kind, why: "" }) as Sample;
    const machine = observing({ ...bounded(["p95 < 0.2"], MINUTE), maxBlind: 60 * MINUTE });
    machine.run(5 * MINUTE, { sample: () => sample });
    expect(machine.state().cause).toBeNull();
    expect(machine.state().hold).not.toBeNull();
  });

  it("does not count what was waited for a person", () => {
    const machine = observing(bounded(["p95 < 0.2", "council confirmed"]));
    machine.until(({ hold }) => hold?.kind === "waiting");
    machine.run(60 * MINUTE);
    expect(holdOf(machine).kind).toBe("waiting");
    machine.say({ kind: "promote" });
    expect(machine.finish()).toEqual({ kind: "promoted" });
  });

  it("is not reached by one that was green for its soak", () => {
    const machine = observing(bounded(["p95 < 0.2"], MINUTE));
    expect(machine.finish()).toEqual({ kind: "promoted" });
  });
});

describe("a stage that waits for a person", () => {
  const error: Sample = { kind: "error", why: "refused" };
  const blind = (name: string): World => ({ sample: (key) => (key === name ? error : 0) });
  const waiting = (): Machine => {
    const machine = observing({
      ...bounded(["p95 < 0.2", "council confirmed"], 30 * MINUTE),
      triggers: { rollback: ["errors > 0.5"] },
      maxBlind: 10 * MINUTE,
    });
    machine.until(({ hold }) => hold?.kind === "waiting");
    return machine;
  };

  it.each(["p95", "errors"])("does not count how long %s was blind meanwhile", (name) => {
    const machine = waiting();
    machine.run(60 * MINUTE, blind(name));
    expect(machine.state().cause).toBeNull();
    expect(holdOf(machine).kind).toBe("waiting");
    machine.run(10 * MINUTE);
    machine.say({ kind: "promote" });
    expect(machine.finish()).toEqual({ kind: "promoted" });
  });

  it("soaks again once its gate is seen again, before it goes on", () => {
    const machine = waiting();
    machine.run(60 * MINUTE, blind("p95"));
    machine.until(({ phase }) => phase.kind === "observing");
    machine.say({ kind: "confirm", check: "council" });
    const from = machine.now();
    machine.until(({ phase }) => phase.kind === "closing");
    expect(machine.now() - from).toBeGreaterThanOrEqual(MINUTE);
    expect(machine.finish()).toEqual({ kind: "promoted" });
  });

  it.each(["p95", "errors"])("goes no further on a word that comes while %s is blind", (name) => {
    const machine = waiting();
    machine.run(60 * MINUTE, blind(name));
    const from = machine.now();
    machine.say({ kind: "promote" });
    machine.run(5 * MINUTE, blind(name));
    expect(holdOf(machine).kind).toBe("blind");
    expect(machine.state().stage).toBe(0);
    expect(machine.notes().some(({ kind }) => kind === "stage-passed")).toBe(false);
    machine.until(({ cause }) => cause !== null, blind(name));
    expect(machine.state().cause?.kind).toBe("blind");
    // Counted from the word on, not from when sight was lost.
    expect(machine.now() - from).toBeGreaterThanOrEqual(10 * MINUTE);
  });

  it.each(["p95", "errors"])("goes on when %s is seen again after the word", (name) => {
    const machine = waiting();
    machine.run(60 * MINUTE, blind(name));
    machine.say({ kind: "promote" });
    machine.run(5 * MINUTE, blind(name));
    expect(machine.finish()).toEqual({ kind: "promoted" });
  });
});

describe("a stage whose gate pauses its clock", () => {
  it("takes as much longer, and does not begin again", () => {
    const machine = observing(bounded(["counted < 0.5"], 10 * MINUTE));
    const from = machine.now();
    machine.run(30 * SECOND, { sample: () => counted(100) });
    machine.run(60 * SECOND, { sample: () => counted(1) });
    machine.until(({ phase }) => phase.kind === "closing", { sample: () => counted(100) });
    expect(machine.now() - from).toBeGreaterThanOrEqual(115 * SECOND);
    expect(machine.now() - from).toBeLessThanOrEqual(135 * SECOND);
    expect(machine.notes().some(({ kind }) => kind === "soak-restarted")).toBe(false);
  });
});

describe("a source that hangs", () => {
  it("is judged by its late answer before the next one replaces it", () => {
    const machine = observing(bounded(["p95 < 0.2"]));
    machine.run(50 * SECOND);
    const due = () => {
      const timer = machine.open().find(({ effect }) => effect.kind === "timer");
      machine.pass((timer?.due ?? 0) - machine.now());
      machine.feed({ kind: "timer-fired", effect: timer?.effect.id ?? "" });
    };
    due();
    due();
    machine.answer(machine.find("measure"), { sample: () => 1 });
    expect(machine.state().phase).toMatchObject({ kind: "observing", soak: { green: 0 } });
  });

  it("does not keep a trigger of another source from firing", () => {
    const machine = observing({ triggers: { rollback: ["errors > 0.5"] } });
    const timer = machine.open().find(({ effect }) => effect.kind === "timer");
    machine.pass((timer?.due ?? 0) - machine.now());
    machine.feed({ kind: "timer-fired", effect: timer?.effect.id ?? "" });
    const errors = machine
      .open()
      .map(({ effect }) => effect)
      .find((effect) => effect.kind === "measure" && effect.measurement.key === "errors");
    if (errors === undefined) throw new Error("errors were not asked for");
    machine.answer(errors, { sample: () => 1 });
    expect(machine.state().cause?.kind).toBe("trigger");
    expect(machine.state().phase.kind).toBe("rolling-back");
  });
});
