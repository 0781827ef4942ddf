import { describe, expect, test } from "vitest";

import type { Word } from "../../src/core/event.ts";
import type { Governance } from "../../src/core/governance.ts";
import type { Plan } from "../../src/core/plan.ts";
import { startMachine, type Machine } from "../support/machine.ts";
import { check, plan, SECOND, stage } from "../support/plan-builder.ts";

const governance: Governance = {
  tier: "high",
  because: [],
  people: {},
  stop: ["council"],
  override: { council: 2 },
  resume: { steward: 1 },
  approvalsHold: 604_800_000,
  tasks: [],
};

const checks = [
  check("go", { driver: "confirm", input: { question: "go?", by: "council", count: 2 } }),
];

function planWith(parts: Partial<Plan> = {}): Plan {
  const stages = [stage("pilot", 10, { gates: ["p95 < 0.2", "go confirmed"] })];
  return { ...plan({ stages, checks }), governance, ...parts };
}

function waiting(made: Plan): Machine {
  const machine = startMachine(made);
  machine.until(({ hold }) => hold?.kind === "waiting");
  return machine;
}

/** A word of somebody with these roles, whose signature was found good. */
function by(person: string, ...roles: readonly string[]): Pick<Word, "by" | "authority"> {
  return { by: person, authority: { person, roles } };
}

const refusals = (machine: Machine): readonly string[] =>
  machine.notes().flatMap((note) => (note.kind === "word-refused" ? [note.why] : []));
const counted = (machine: Machine): readonly string[] =>
  machine.notes().flatMap((note) => (note.kind === "word-counted" ? [note.missing] : []));

describe("a confirmation by two of a role", () => {
  test("takes both, each once, and then the stage passes", () => {
    const machine = waiting(planWith());
    machine.say({ kind: "confirm", check: "go", ...by("ana", "council") });
    expect(machine.state().confirmations).toEqual({});
    expect(counted(machine)).toEqual(["1 more of council"]);
    machine.say({ kind: "confirm", check: "go", ...by("ana", "council") });
    expect(machine.state().confirmations).toEqual({});
    machine.say({ kind: "confirm", check: "go", ...by("bo", "council", "ops") });
    expect(machine.state().confirmations).toEqual({ go: { yes: true, by: "ana, bo" } });
    expect(machine.finish()).toEqual({ kind: "promoted" });
    expect(refusals(machine)).toEqual([]);
  });

  test("is not taken without a signature, or from somebody else", () => {
    const machine = waiting(planWith());
    machine.say({ kind: "confirm", check: "go", by: "ana" });
    machine.say({ kind: "confirm", check: "go", ...by("cy", "steward") });
    machine.say({ kind: "promote", ...by("di") });
    expect(refusals(machine)).toEqual([
      expect.stringContaining("not signed"),
      "confirm: cy is steward, and this is for council",
      "promote: di has no role, and this is for council",
    ]);
    expect(machine.state().votes).toEqual({});
  });

  test("is over with one no", () => {
    const machine = waiting(planWith());
    machine.say({ kind: "confirm", check: "go", ...by("ana", "council") });
    machine.say({ kind: "confirm", check: "go", yes: false, ...by("bo", "council") });
    expect(machine.state().confirmations).toEqual({ go: { yes: false, by: "bo" } });
    expect(machine.finish()).toMatchObject({ kind: "rolled-back" });
  });

  test("counts people, not words, where there is no policy: no role is asked for", () => {
    const { governance: _none, ...open } = planWith();
    const machine = waiting(open);
    machine.say({ kind: "confirm", check: "go", by: "ana" });
    machine.say({ kind: "promote", by: "ana" });
    expect(counted(machine)).toEqual(["1 more", "1 more"]);
    machine.say({ kind: "promote", by: "bo" });
    expect(machine.finish()).toEqual({ kind: "promoted" });
  });

  test("is remembered by whoever takes the rollout over", () => {
    const machine = waiting(planWith());
    machine.say({ kind: "confirm", check: "go", ...by("ana", "council") });
    machine.takeOver("continue");
    machine.until(({ hold }) => hold?.kind === "waiting");
    machine.say({ kind: "confirm", check: "go", ...by("bo", "council") });
    expect(machine.finish()).toEqual({ kind: "promoted" });
  });
});

describe("resuming", () => {
  const triggers = { hold: ["errors > 0.5"] };
  const stages = [stage("pilot", 10, { gates: ["p95 < 0.2"] })];
  const made = { ...plan({ stages, triggers }), governance };

  test("after a trigger it takes who the policy says", () => {
    const machine = startMachine(made);
    const odd = { sample: (key: string) => (key === "errors" ? 0.9 : undefined) };
    machine.until(({ hold }) => hold?.kind === "trigger", odd);
    machine.run(30 * SECOND);
    machine.say({ kind: "resume", by: "ana" });
    machine.say({ kind: "resume", ...by("ana", "council") });
    expect(machine.state().hold?.kind).toBe("trigger");
    expect(refusals(machine)).toEqual([
      expect.stringContaining("not signed"),
      "resume: ana is council, and this is for steward",
    ]);
    machine.say({ kind: "resume", ...by("cy", "steward") });
    expect(machine.state().hold).toBeNull();
  });

  test("after a person's hold it takes anybody, and anybody may hold", () => {
    const machine = startMachine(made);
    machine.until(({ phase }) => phase.kind === "observing");
    machine.say({ kind: "hold", by: "di" });
    machine.say({ kind: "resume", by: "di" });
    expect(machine.state().hold).toBeNull();
    expect(refusals(machine)).toEqual([]);
  });
});

describe("an override of a gate", () => {
  const red = { sample: (key: string) => (key === "p95" ? 0.9 : undefined) };
  const stages = [stage("pilot", 10, { gates: ["p95 < 0.2"] }), stage("all", 100, { gates: [] })];
  const made: Plan = { ...plan({ stages }), governance };
  const idOf = made.stages[0]?.gates[0]?.id ?? "";

  function soaking(from: Plan): Machine {
    const machine = startMachine(from);
    machine.until(({ phase }) => phase.kind === "observing", red);
    machine.run(2 * SECOND, red);
    return machine;
  }

  test("takes two, with a reason, lets this stage pass without it, and stands in the journal", () => {
    const machine = soaking(made);
    const word = { kind: "override", check: idOf, reason: "a known outlier" } as const;
    machine.say({ ...word, ...by("ana", "council") });
    expect(machine.state().overridden).toEqual([]);
    machine.say({ ...word, ...by("bo", "council") });
    expect(machine.state().overridden).toEqual([idOf]);
    expect(machine.notes().find(({ kind }) => kind === "gate-overridden")).toEqual({
      kind: "gate-overridden",
      gate: idOf,
      by: ["ana", "bo"],
      reason: "a known outlier",
    });
    expect(machine.finish(red)).toEqual({ kind: "promoted" });
  });

  test("is refused without a reason, for a gate of another stage, and for who may not", () => {
    const machine = soaking(made);
    machine.say({ kind: "override", check: idOf, reason: "", ...by("ana", "council") });
    machine.say({ kind: "override", check: "all/x", reason: "y", ...by("ana", "council") });
    machine.say({ kind: "override", check: idOf, reason: "y", ...by("cy", "steward") });
    machine.say({ kind: "override", check: idOf, reason: "y" });
    expect(refusals(machine)).toEqual([
      "override: an override needs a reason",
      "override: the stage in force has no gate all/x",
      "override: cy is steward, and this is for council",
      expect.stringContaining("not signed"),
    ]);
    expect(machine.finish(red)).toMatchObject({ kind: "rolled-back" });
  });

  test.for([
    ["without a policy", undefined, "without a policy nobody"],
    ["where the policy names nobody", { ...governance, override: null }, "lets nobody"],
  ] as const)("is refused %s", ([, rules, why]) => {
    const { governance: _none, ...open } = made;
    const machine = soaking(rules === undefined ? open : { ...open, governance: rules });
    machine.say({ kind: "override", check: idOf, reason: "y", ...by("ana", "council") });
    expect(refusals(machine)).toEqual([expect.stringContaining(why)]);
  });

  test("does not stop a trigger", () => {
    const triggers = { rollback: ["p95 > 0.95"] };
    const machine = soaking({ ...plan({ stages, triggers }), governance });
    for (const name of ["ana", "bo"])
      machine.say({ kind: "override", check: idOf, reason: "y", ...by(name, "council") });
    const end = machine.finish({ sample: (key) => (key === "p95" ? 0.96 : undefined) });
    expect(end).toMatchObject({ kind: "rolled-back" });
  });
});
