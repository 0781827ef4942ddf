import { describe, expect, it } from "vitest";

import type { Sample } from "../../src/core/sample.ts";
import { holdOf, startMachine, type Machine, type World } from "../support/machine.ts";
import { check, MINUTE, plan, SECOND, stage } from "../support/plan-builder.ts";

const BLIND: readonly Sample[] = [
  { kind: "noData", why: "empty" },
  { kind: "stale", why: "old", age: MINUTE },
  { kind: "error", why: "refused" },
];

function observing(parts: Parameters<typeof plan>[0]): Machine {
  const machine = startMachine(plan(parts));
  machine.until(({ phase }) => phase.kind === "observing");
  return machine;
}

function world(values: Readonly<Record<string, number | Sample>>): World {
  return { sample: (key) => values[key] };
}

function notes(machine: Machine, kind: string): number {
  return machine.notes().filter((note) => note.kind === kind).length;
}

describe("a trigger", () => {
  it("stops the rollout in the step of the sample that fires it", () => {
    const machine = observing({ triggers: { rollback: ["errors > 0.5"] } });
    machine.until(({ cause }) => cause !== null, world({ errors: 1 }));
    expect(machine.state().cause).toMatchObject({
      kind: "trigger",
      text: "errors > 0.5: errors = 1 (> 0.5)",
    });
    expect(machine.moments.at(-1)?.entry.event).toMatchObject({ kind: "measured", key: "errors" });
    expect(machine.state().phase.kind).toBe("rolling-back");
    expect(machine.finish()).toEqual({ kind: "rolled-back", by: "machine" });
  });

  it.each(["person", "waiting", "differs"] as const)("fires under a hold: %s", (kind) => {
    const machine = observing({
      checks: [check("council", { driver: "confirm" })],
      stages: [stage("pilot", 10, { gates: ["council confirmed"] })],
      triggers: { rollback: ["errors > 0.5"] },
    });
    if (kind === "person") machine.say({ kind: "hold" });
    const changed = { field: "f", label: "f", expected: "1", live: "2" };
    if (kind === "differs") machine.say({ kind: "confirm", check: "council" });
    machine.until(({ hold }) => hold?.kind === kind, {
      readBack: () => ({ differences: [changed] }),
    });
    machine.until(({ cause }) => cause !== null, world({ errors: 1 }));
    expect(machine.state().cause?.kind).toBe("trigger");
    expect(machine.state().hold).toBeNull();
  });

  it("that holds waits for a person, and is said once", () => {
    const machine = observing({ triggers: { hold: ["errors > 0.5"] } });
    machine.until(({ hold }) => hold !== null, world({ errors: 1 }));
    machine.run(5 * MINUTE, world({ errors: 1 }));
    expect(holdOf(machine)).toMatchObject({ kind: "trigger", clears: "person" });
    machine.run(5 * MINUTE);
    expect(holdOf(machine).kind).toBe("trigger");
    expect(notes(machine, "triggered")).toBe(1);
    machine.say({ kind: "resume" });
    expect(machine.finish()).toEqual({ kind: "promoted" });
  });

  it("that warns or pages says so each time it begins to fire, and changes nothing", () => {
    const machine = observing({ triggers: { warn: ["errors > 0.5"], page: ["errors > 0.7"] } });
    const bad = (_: string, now: number) => ({ sample: () => (now % 2 === 0 ? 1 : 0) });
    for (const now of [0, 0, 1, 0]) machine.run(10 * SECOND, bad("errors", now));
    expect([notes(machine, "warned"), notes(machine, "paged")]).toEqual([2, 2]);
    expect(machine.state().hold).toBeNull();
    expect(machine.finish()).toEqual({ kind: "promoted" });
  });

  it("runs its `for` across stages", () => {
    const stages = [stage("pilot", 10), stage("half", 50)];
    const machine = observing({ stages, triggers: { rollback: ["errors > 0.5 for 90s"] } });
    machine.until(({ stage: at }) => at === 1, world({ errors: 1 }));
    expect(machine.state().cause).toBeNull();
    machine.until(({ cause }) => cause !== null, world({ errors: 1 }));
    const began = machine.state().stageStarted;
    expect(machine.now() - began).toBeLessThan(90 * SECOND);
  });
});

describe.each(BLIND)("blindness by $kind", (sample) => {
  const blind = world({ p95: sample });

  it("holds at once, and lets go by itself", () => {
    const machine = observing({});
    machine.until(({ hold }) => hold !== null, blind);
    expect(holdOf(machine)).toMatchObject({ kind: "blind", clears: "self" });
    machine.until(({ hold }) => hold === null);
    expect(machine.finish()).toEqual({ kind: "promoted" });
  });

  it("goes back after maxBlind below 100 %, and no sooner", () => {
    const machine = observing({ maxBlind: 5 * MINUTE });
    machine.until(({ hold }) => hold !== null, blind);
    const from = machine.now();
    machine.until(({ cause }) => cause !== null, blind);
    expect(machine.state().cause?.kind).toBe("blind");
    expect(machine.now() - from).toBeGreaterThanOrEqual(5 * MINUTE);
    expect(machine.now() - from).toBeLessThan(5 * MINUTE + 20 * SECOND);
  });

  it("pages once at 100 %, and does not go back", () => {
    const machine = observing({ stages: [stage("full", 100)] });
    machine.run(60 * MINUTE, blind);
    expect(machine.state().cause).toBeNull();
    expect(notes(machine, "paged")).toBe(1);
    expect(holdOf(machine).kind).toBe("blind");
  });

  it("of a trigger holds too, of a warning it does not", () => {
    const critical = observing({ triggers: { page: ["errors > 0.5"] } });
    critical.run(MINUTE / 2, world({ errors: sample }));
    expect(holdOf(critical).why).toContain("errors > 0.5");
    const warning = observing({ triggers: { warn: ["errors > 0.5"] } });
    warning.run(MINUTE / 2, world({ errors: sample }));
    expect(warning.state().hold).toBeNull();
  });
});

it("time waited for a person is not time of blindness", () => {
  const machine = observing({ maxBlind: 5 * MINUTE });
  machine.say({ kind: "hold" });
  machine.run(60 * MINUTE, world({ p95: { kind: "error", why: "refused" } }));
  expect(machine.state().cause).toBeNull();
  machine.say({ kind: "resume" });
  machine.run(4 * MINUTE, world({ p95: { kind: "error", why: "refused" } }));
  expect(machine.state().cause).toBeNull();
  machine.run(2 * MINUTE, world({ p95: { kind: "error", why: "refused" } }));
  expect(machine.state().cause?.kind).toBe("blind");
});
