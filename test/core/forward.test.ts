import { describe, expect, it } from "vitest";

import type { Note } from "../../src/core/event.ts";
import { holdOf, startMachine, type Machine, type World } from "../support/machine.ts";
import { action, all, check, MINUTE, plan, SECOND, stage } from "../support/plan-builder.ts";

const three = plan({ stages: [stage("pilot", 1), stage("half", 50), stage("full", 100)] });

function passed(machine: Machine): readonly string[] {
  return machine.notes().flatMap((note) => (note.kind === "stage-passed" ? [note.stage] : []));
}

function begun(machine: Machine): readonly string[] {
  return machine.moments.flatMap(({ step }) =>
    step.start.flatMap((effect) => {
      if (effect.kind === "apply") return [effect.action];
      if (effect.kind === "check") return [`check ${effect.check}`];
      return effect.kind === "timer" || effect.kind === "measure" ? [] : [effect.kind];
    }),
  );
}

function has(machine: Machine, kind: Note["kind"]): boolean {
  return machine.notes().some((note) => note.kind === kind);
}

const gated = (gates: readonly (string | ReturnType<typeof all>)[]) =>
  plan({
    checks: [check("smoke"), check("council", { driver: "confirm" })],
    stages: [stage("pilot", 10, { gates, within: 10 * MINUTE })],
  });

describe("the way forward", () => {
  it("promotes a healthy rollout, stage after stage", () => {
    const machine = startMachine(three);
    expect(machine.finish()).toEqual({ kind: "promoted" });
    expect(passed(machine)).toEqual(["pilot", "half", "full"]);
  });

  it("goes in order, and reads everything back before each change and before the end", () => {
    const checks = [check("smoke"), check("after")];
    const one = stage("pilot", 10, { checks: ["smoke"], gates: ["p95 < 0.2", "after passes"] });
    const machine = startMachine(plan({ checks, stages: [one], finish: [action("finish/x")] }));
    machine.finish();
    expect(begun(machine)).toEqual([
      "preflight",
      "capture",
      "pilot/change",
      "read-back",
      "pilot/traffic",
      "check smoke",
      "check after",
      "read-back",
      "collect",
      "read-back",
      "finish/x",
      "read-back",
      "end",
    ]);
  });

  it("is refused when preflight or the capture finds a problem, and touches nothing", () => {
    const unreachable = startMachine(three);
    expect(unreachable.finish({ preflight: () => ["no such host"] })).toEqual({
      kind: "refused",
      problems: ["no such host"],
      locked: false,
    });
    const locked = startMachine(three);
    const end = locked.finish({ capture: () => ({ problems: ["held by r0"], locked: true }) });
    expect(end).toEqual({ kind: "refused", problems: ["held by r0"], locked: true });
    expect(begun(locked)).toEqual(["preflight", "capture", "end"]);
  });

  it("promotes a plan without stages' gates, traffic or soak", () => {
    const bare = plan({ stages: [stage("only", null, { gates: [], soak: 0 })] });
    expect(startMachine(bare).finish()).toEqual({ kind: "promoted" });
  });

  it("has only its end pending once the end is decided", () => {
    const machine = startMachine(three);
    machine.until(({ phase }) => phase.kind === "ending");
    expect(Object.values(machine.state().pending).map(({ kind }) => kind)).toEqual(["end"]);
  });
});

describe("an action that does not take", () => {
  it.each(["failed", "unknown", "refused"] as const)("sends the rollout back when %s", (result) => {
    const machine = startMachine(three);
    const end = machine.finish({
      apply: (id) => (id === "half/change" ? { result, why: "no" } : undefined),
    });
    expect(end).toEqual({ kind: "rolled-back", by: "machine" });
    expect(machine.state().cause?.kind).toBe("action");
    expect(machine.state().intended).toContain("half/change");
  });

  it("holds when the baseline has moved since the start, until a person has looked", () => {
    const machine = startMachine(three);
    const moved: World = { apply: () => ({ result: "moved", why: "image" }) };
    machine.until(({ hold }) => hold !== null, moved);
    expect(holdOf(machine)).toMatchObject({ kind: "differs", clears: "person" });
    machine.say({ kind: "resume" });
    expect(machine.finish()).toEqual({ kind: "promoted" });
  });
});

describe("a read-back", () => {
  const difference = { field: "f", label: "replicas", expected: "1", live: "2" };

  it("holds with the difference, and again after a resume that mended nothing", () => {
    const machine = startMachine(three);
    const changed: World = { readBack: () => ({ differences: [difference] }) };
    machine.until(({ hold }) => hold !== null, changed);
    expect(holdOf(machine).why).toContain("replicas is 2, not 1");
    expect(machine.has("apply")).toBe(false);
    const first = holdOf(machine).id;
    machine.say({ kind: "resume", hold: first });
    machine.until(({ hold }) => hold !== null && hold.id !== first, changed);
    machine.say({ kind: "resume" });
    expect(machine.finish()).toEqual({ kind: "promoted" });
  });

  it("that cannot be made holds", () => {
    const machine = startMachine(three);
    machine.until(({ hold }) => hold !== null, { readBack: () => ({ unreadable: "timeout" }) });
    expect(holdOf(machine)).toMatchObject({ kind: "unknown", clears: "person" });
  });

  it("at the end of a stage sends it back into its soak after a resume", () => {
    const machine = startMachine(three);
    machine.until(({ phase }) => phase.kind === "closing");
    machine.until(({ hold }) => hold !== null, {
      readBack: () => ({ differences: [difference] }),
    });
    machine.say({ kind: "resume" });
    expect(machine.state().phase).toMatchObject({ kind: "observing", soak: { green: 0 } });
    expect(machine.finish()).toEqual({ kind: "promoted" });
  });

  it("is made again after a blindness, however short", () => {
    const stages = [stage("pilot", 10), stage("half", 50)];
    const machine = startMachine(plan({ stages, triggers: { rollback: ["errors > 0.5"] } }));
    const blind: World = { sample: () => ({ kind: "noData", why: "empty" }) };
    machine.until(({ phase, stage: at }) => at === 1 && phase.kind === "applying");
    const readBack = machine.find("read-back");
    const tick = machine.open().find(({ effect }) => effect.kind === "timer");
    machine.pass((tick?.due ?? 0) - machine.now());
    machine.feed({ kind: "timer-fired", effect: tick?.effect.id ?? "" });
    machine.answer(machine.find("measure"), blind);
    expect(holdOf(machine).kind).toBe("blind");
    machine.answer(readBack);
    expect(machine.has("apply")).toBe(false);
    machine.run(0);
    machine.until(({ hold }) => hold === null);
    expect(machine.has("apply")).toBe(false);
    machine.answer(machine.find("read-back"));
    expect(machine.find("apply").action).toBe("half/change");
  });
});

describe("a stage's checks", () => {
  const smoke = plan({
    checks: [check("smoke")],
    stages: [stage("pilot", 10, { checks: ["smoke"] })],
  });

  it.each(["fail", "error"] as const)("send it back on %s", (result) => {
    const machine = startMachine(smoke);
    expect(machine.finish({ check: () => result })).toEqual({ kind: "rolled-back", by: "machine" });
    expect(machine.state().cause?.kind).toBe("check");
  });

  it("start the clock of the stage only when they have passed", () => {
    const machine = startMachine(smoke);
    machine.until(({ phase }) => phase.kind === "checking");
    machine.run(5 * MINUTE, { check: () => "lost" });
    const { id } = machine.find("check");
    machine.feed({
      kind: "check-finished",
      effect: id,
      check: "smoke",
      result: "pass",
      detail: "",
    });
    expect(machine.state().phase).toMatchObject({
      kind: "observing",
      soak: { clock: machine.now(), green: 0 },
    });
  });
});

describe("a check as a gate", () => {
  it("is asked once, at the end of the soak", () => {
    const machine = startMachine(gated(["p95 < 0.2", "smoke passes"]));
    machine.run(50 * SECOND);
    expect(begun(machine)).not.toContain("check smoke");
    machine.finish();
    expect(begun(machine).filter((name) => name === "check smoke")).toHaveLength(1);
  });

  it("is asked in a compound gate too", () => {
    const machine = startMachine(gated([all(["p95 < 0.2", "smoke passes"])]));
    expect(machine.finish()).toEqual({ kind: "promoted" });
    expect(begun(machine)).toContain("check smoke");
  });

  it("sends the stage back when it fails", () => {
    const machine = startMachine(gated(["p95 < 0.2", "smoke passes"]));
    expect(machine.finish({ check: () => "fail" })).toEqual({ kind: "rolled-back", by: "machine" });
    expect(machine.state().cause?.kind).toBe("gate");
  });

  it("holds when it could not be run, and is asked again after another soak", () => {
    const machine = startMachine(gated(["p95 < 0.2", "smoke passes"]));
    machine.until(({ hold }) => hold !== null, { check: () => "error" });
    expect(holdOf(machine)).toMatchObject({ kind: "inconclusive", clears: "person" });
    machine.say({ kind: "resume" });
    expect(machine.finish()).toEqual({ kind: "promoted" });
  });

  it("is asked again when the soak began again after it had passed", () => {
    const machine = startMachine(gated(["p95 < 0.2", "smoke passes", "council confirmed"]));
    machine.until(({ hold }) => hold?.kind === "waiting");
    machine.run(20 * SECOND, { sample: () => 1 });
    expect(machine.state().phase.kind).toBe("observing");
    machine.until(({ hold }) => hold?.kind === "waiting");
    expect(begun(machine).filter((name) => name === "check smoke")).toHaveLength(2);
  });

  it("does not roll back for a metric that is red while the check is asked", () => {
    const machine = startMachine(gated([all(["p95 < 0.2", "smoke passes"])]));
    machine.until(({ phase }) => phase.kind === "closing");
    const smoke = machine.find("check");
    machine.run(10 * SECOND, { sample: () => 1, check: () => "lost" });
    expect(machine.state().phase.kind).toBe("observing");
    expect(machine.has("check")).toBe(false);
    machine.feed({
      kind: "check-finished",
      effect: smoke.id,
      check: "smoke",
      result: "pass",
      detail: "",
    });
    expect(machine.finish()).toEqual({ kind: "promoted" });
  });
});

describe("the closing of a stage", () => {
  it("holds when required evidence is missing, and collects it again", () => {
    const machine = startMachine(three);
    machine.until(({ hold }) => hold !== null, { collect: () => ({ missingRequired: ["a.txt"] }) });
    expect(holdOf(machine).why).toContain("a.txt");
    machine.say({ kind: "resume" });
    expect(machine.finish()).toEqual({ kind: "promoted" });
  });

  it("does not pass while a person holds", () => {
    const machine = startMachine(three);
    machine.until(({ pending }) => Object.values(pending).some(({ kind }) => kind === "collect"));
    machine.say({ kind: "hold" });
    machine.answer(machine.find("collect"));
    expect(has(machine, "stage-passed")).toBe(false);
    machine.say({ kind: "resume" });
    expect(machine.finish()).toEqual({ kind: "promoted" });
  });

  it("does not pass when a gate turned red while the evidence was taken", () => {
    const two = plan({
      stages: [stage("pilot", 10, { gates: ["p95 < 0.2", "errors < 0.5"], within: 10 * MINUTE })],
    });
    const machine = startMachine(two);
    machine.until(({ pending }) => Object.values(pending).some(({ kind }) => kind === "collect"));
    const collect = machine.find("collect");
    const tick = machine.open().find(({ effect }) => effect.kind === "timer");
    machine.pass((tick?.due ?? 0) - machine.now());
    machine.feed({ kind: "timer-fired", effect: tick?.effect.id ?? "" });
    machine.answer(machine.find("measure"), { sample: () => 1 });
    machine.answer(collect);
    expect(machine.state().phase.kind).toBe("observing");
    expect(machine.finish()).toEqual({ kind: "promoted" });
  });
});
