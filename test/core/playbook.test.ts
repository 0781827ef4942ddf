import { describe, expect, test } from "vitest";

import type { Plan, Playbook } from "../../src/core/plan.ts";
import { startMachine, type Machine, type World } from "../support/machine.ts";
import { action, plan, stage, SECOND } from "../support/plan-builder.ts";

const playbook = (name: string, parts: Partial<Playbook> = {}): Playbook => ({
  name,
  diagnose: [],
  causes: [],
  recover: [],
  actions: [],
  asks: [],
  ...parts,
});

const two = [action("playbook/calm/1-put"), action("playbook/calm/2-put")];
const playbooks = {
  calm: playbook("calm", { actions: two }),
  read: playbook("read", { causes: ["clock skew"] }),
  limits: playbook("limits", { actions: [action("playbook/limits/1-put")], asks: ["key"] }),
};
const base: Plan = { ...plan({ stages: [stage("pilot", 10), stage("half", 50)] }), playbooks };

function observing(): Machine {
  const machine = startMachine(base);
  machine.until(({ phase }) => phase.kind === "observing");
  return machine;
}

const ask = (machine: Machine, check: string): void => {
  machine.say({ kind: "playbook", check });
};
const notes = (machine: Machine, kind: string): readonly unknown[] =>
  machine.notes().filter((note) => note.kind === kind);
const applies = (machine: Machine): readonly string[] =>
  machine.open().flatMap(({ effect }) => (effect.kind === "apply" ? [effect.action] : []));

test("nothing of a playbook is run by itself, and a rollout that needs none is promoted without", () => {
  const machine = startMachine(base);
  expect(machine.finish()).toEqual({ kind: "promoted" });
  expect(machine.state().intended.filter((id) => id.startsWith("playbook"))).toEqual([]);
});

describe("a playbook that a person runs", () => {
  test("has its actions applied one after another, and the stage goes on", () => {
    const machine = observing();
    ask(machine, "calm");
    expect(applies(machine)).toEqual(["playbook/calm/1-put"]);
    machine.answer(machine.find("apply"));
    expect(applies(machine)).toEqual(["playbook/calm/2-put"]);
    machine.answer(machine.find("apply"));
    expect(notes(machine, "playbook-finished")).toEqual([
      { kind: "playbook-finished", playbook: "calm", problem: null },
    ]);
    expect(machine.state()).toMatchObject({ playbook: null, phase: { kind: "observing" } });
    expect(machine.finish()).toEqual({ kind: "promoted" });
  });

  test("is run while something holds, and the hold stays", () => {
    const machine = observing();
    machine.say({ kind: "hold", reason: "dead letters" });
    ask(machine, "calm");
    machine.run(SECOND);
    expect(machine.state()).toMatchObject({ playbook: null, hold: { kind: "person" } });
    expect(machine.state().intended.slice(-2)).toEqual(two.map(({ id }) => id));
  });

  test("waits for an action of the stage that is under way, and goes before the next", () => {
    const machine = startMachine(base);
    machine.until(({ pending }) => Object.values(pending).some(({ kind }) => kind === "apply"));
    const [under] = applies(machine);
    ask(machine, "calm");
    expect(applies(machine)).toEqual([under]);
    machine.answer(machine.find("apply"));
    expect(applies(machine)).toEqual(["playbook/calm/1-put"]);
    expect(machine.finish()).toEqual({ kind: "promoted" });
  });

  test("is undone with the rollout, before what it was laid over", () => {
    const machine = observing();
    ask(machine, "calm");
    machine.run(SECOND);
    machine.abort();
    const undone: (readonly string[])[] = [];
    const world: World = {
      undo: (group, actions) => {
        if (group === "rest") undone.push(actions);
        return undefined;
      },
    };
    expect(machine.finish(world)).toMatchObject({ kind: "rolled-back", by: "abort" });
    expect(undone.flat().slice(0, 2)).toEqual(["playbook/calm/2-put", "playbook/calm/1-put"]);
  });

  test("that fails ends, and holds for a person; what it did is undone all the same", () => {
    const machine = observing();
    ask(machine, "calm");
    const failed = { result: "failed", why: "the disk is full" } as const;
    machine.answer(machine.find("apply"), { apply: () => failed });
    expect(notes(machine, "playbook-finished")).toMatchObject([
      { problem: expect.stringContaining("failed: the disk is full") },
    ]);
    expect(machine.state()).toMatchObject({
      playbook: null,
      hold: {
        kind: "person",
        why: expect.stringMatching(/^playbook calm: .* failed: the disk is full$/),
      },
    });
    expect(applies(machine)).toEqual([]);
    machine.say({ kind: "resume" });
    machine.abort();
    expect(machine.finish()).toMatchObject({ kind: "rolled-back" });
  });

  test("whose outcome nobody knows stays unknown, so that a late write is ruled out", () => {
    const machine = observing();
    ask(machine, "calm");
    machine.answer(machine.find("apply"), {
      apply: () => ({ result: "unknown", why: "no answer" }),
    });
    expect(machine.state().unknown).toEqual(["playbook/calm/1-put"]);
  });

  test("is stopped by an abort like everything else", () => {
    const machine = observing();
    ask(machine, "calm");
    machine.abort();
    expect(machine.state().playbook).toBeNull();
    expect(machine.finish()).toMatchObject({ kind: "rolled-back", by: "abort" });
    expect(machine.state().intended).not.toContain("playbook/calm/2-put");
  });

  test("is not gone on with by the next process: whoever wants the rest says so again", () => {
    const machine = observing();
    ask(machine, "calm");
    machine.answer(machine.find("apply"));
    machine.takeOver("continue");
    machine.run(SECOND);
    expect(machine.state().playbook).toBeNull();
    expect(machine.state().intended).toContain("playbook/calm/1-put");
    ask(machine, "calm");
    machine.run(SECOND);
    expect(machine.state().intended).toContain("playbook/calm/2-put");
  });
});

test.each([
  ["none", "the plan has no playbook none"],
  ["read", "read changes nothing: it is there to be read"],
  ["limits", "limits needs values of its own, which this rollout did not capture for"],
])("%s is refused", (name, why) => {
  const machine = observing();
  ask(machine, name);
  expect(notes(machine, "word-refused")).toMatchObject([{ why: `playbook: ${why}` }]);
  expect(applies(machine)).toEqual([]);
});

test("a second one is refused while the first is under way, and one before anything is captured", () => {
  const machine = observing();
  ask(machine, "calm");
  ask(machine, "calm");
  expect(notes(machine, "word-refused")).toMatchObject([{ why: "playbook: calm is under way" }]);
  const early = startMachine(base);
  ask(early, "calm");
  expect(notes(early, "word-refused")).toMatchObject([
    { why: "playbook: nothing is captured yet" },
  ]);
});

test("on the way back it is refused: it would change what is being restored", () => {
  const machine = observing();
  machine.abort();
  ask(machine, "calm");
  expect(notes(machine, "word-refused")).toMatchObject([
    { why: "playbook: the rollout is on its way back or over" },
  ]);
});
