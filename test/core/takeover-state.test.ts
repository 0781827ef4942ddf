import { describe, expect, it } from "vitest";

import type { Phase } from "../../src/core/state.ts";
import {
  aborted,
  holdOf,
  startMachine,
  undoneAs,
  type Machine,
  type World,
} from "../support/machine.ts";
import { action, check, plan, stage } from "../support/plan-builder.ts";

const two = plan({ stages: [stage("pilot", 10), stage("full", 100)] });

function at(kind: Phase["kind"], world: World = {}, of = two): Machine {
  const machine = startMachine(of);
  machine.until(({ phase }) => phase.kind === kind, world);
  return machine;
}

function lostCall(onUnknown: "hold" | "rerun" | "skip"): Machine {
  const undo = action("undo");
  const call = action("pilot/call", { driver: "exec", undo, onUnknown });
  const after = action("pilot/after");
  const machine = startMachine(plan({ stages: [stage("pilot", 10, { actions: [call, after] })] }));
  machine.until(({ phase }) => phase.kind === "applying");
  machine.answer(machine.find("apply"), { apply: () => "lost" });
  machine.takeOver("continue");
  return machine;
}

describe("a takeover that rolls back", () => {
  it("treats what was intended and not answered as unknown: secured, and undone again", () => {
    const machine = at("applying", { apply: () => "lost" });
    machine.answer(machine.find("apply"), { apply: () => "lost" });
    machine.takeOver("rollback");
    expect(machine.state().unknown).toEqual(["pilot/change"]);
    const groups: string[] = [];
    const end = machine.finish({ undo: (group) => void groups.push(group) });
    expect(end).toEqual({ kind: "rolled-back", by: "abort" });
    expect(groups).toEqual(["rest", "again"]);
  });

  it("keeps it unknown when it is written again: the earlier call may still land", () => {
    const machine = startMachine(two);
    machine.until(({ pending }) => Object.values(pending).some(({ kind }) => kind === "apply"));
    machine.answer(machine.find("apply"), { apply: () => "lost" });
    machine.takeOver("continue");
    machine.until(({ phase }) => phase.kind === "observing");
    machine.abort();
    const groups: string[] = [];
    machine.finish({ undo: (group) => void groups.push(group) });
    expect(groups).toContain("again");
    expect(machine.entries().some(({ event }) => event.kind === "secured")).toBe(true);
  });

  it("ends 41 when nobody can say that a late write is impossible", () => {
    const machine = at("applying");
    machine.answer(machine.find("apply"), { apply: () => "lost" });
    machine.takeOver("rollback");
    expect(machine.finish({ secure: () => false })).toMatchObject({
      kind: "rollback-failed",
      certain: false,
    });
  });

  it("ends 41 also when a value failed for certain, as long as a late write may land", () => {
    const machine = at("applying", { apply: () => "lost" });
    machine.answer(machine.find("apply"), { apply: () => "lost" });
    machine.takeOver("rollback");
    const end = machine.finish({
      secure: () => false,
      undo: (_group, ids) => ids.map((id) => undoneAs(id, "failed")),
    });
    expect(end).toMatchObject({ kind: "rollback-failed", certain: false });
  });

  it("has nothing to undo before the first intent", () => {
    const machine = at("preparing");
    machine.takeOver("rollback");
    machine.answer(machine.find("search"));
    expect(machine.find("end").end).toEqual({ kind: "rolled-back", by: "abort" });
  });

  it("keeps the first cause, and every later epoch can only go back", () => {
    const machine = at("observing");
    machine.takeOver("rollback", { kind: "lost", text: "silent", by: "guard" });
    machine.takeOver("rollback", aborted);
    machine.takeOver("continue");
    expect(machine.state().cause?.kind).toBe("lost");
    expect(machine.finish()).toEqual({ kind: "rolled-back", by: "machine" });
  });

  it("goes back from a rollout that was promoted", () => {
    const machine = startMachine(two);
    machine.finish();
    machine.takeOver("rollback");
    const undone: string[] = [];
    expect(machine.finish({ undo: (_group, ids) => void undone.push(...ids) })).toEqual({
      kind: "rolled-back",
      by: "abort",
    });
    expect(undone.toSorted()).toEqual(
      ["full/change", "full/traffic", "pilot/change", "pilot/traffic"].toSorted(),
    );
  });

  it("goes back from a rollback that failed, and forgets how it failed", () => {
    const machine = at("observing");
    machine.abort();
    const failing: World = {
      undo: (_group, ids) => ids.map((id) => ({ field: id, label: id, result: "failed", why: "" })),
    };
    expect(machine.finish(failing)).toMatchObject({ kind: "rollback-failed", certain: true });
    machine.takeOver("rollback");
    expect(machine.finish()).toEqual({ kind: "rolled-back", by: "abort" });
  });

  it("takes a claim without a cause for an abort", () => {
    const machine = at("observing");
    machine.takeOver("rollback", null);
    expect(machine.finish()).toEqual({ kind: "rolled-back", by: "abort" });
  });
});

describe("a takeover that halts", () => {
  it("ends halted and undoes nothing", () => {
    const machine = at("observing");
    machine.takeOver("halt");
    expect(machine.has("undo")).toBe(false);
    expect(machine.finish()).toMatchObject({ kind: "halted" });
  });

  it("can still be sent back later", () => {
    const machine = at("observing");
    machine.takeOver("halt");
    machine.finish();
    machine.takeOver("rollback");
    expect(machine.finish()).toEqual({ kind: "rolled-back", by: "abort" });
  });

  it("stays halted when it is continued", () => {
    const machine = at("observing");
    machine.takeOver("halt");
    machine.takeOver("continue");
    expect(machine.finish()).toMatchObject({ kind: "halted" });
  });
});

describe("a takeover that goes on", () => {
  it.each(["preparing", "applying", "checking", "observing", "closing", "finishing"] as const)(
    "promotes from %s",
    (kind) => {
      const smoke = [check("smoke"), check("after", { driver: "http" })];
      const gates = ["p95 < 0.2", "after passes"];
      const stages = [stage("pilot", 10, { checks: ["smoke"], gates })];
      const of = plan({ checks: smoke, stages, finish: [action("finish/stable")] });
      const machine = at(kind, {}, of);
      machine.takeOver("continue");
      expect(machine.state().phase.kind).not.toBe("rolling-back");
      expect(machine.finish()).toEqual({ kind: "promoted" });
    },
  );

  it("decides an end again that was not claimed", () => {
    const promoting = at("ending");
    promoting.takeOver("continue");
    promoting.answer(promoting.find("search"));
    expect(promoting.has("read-back")).toBe(true);
    expect(promoting.finish()).toEqual({ kind: "promoted" });
    const refused = at("ending", { preflight: () => ["no such host"] });
    refused.takeOver("continue");
    refused.answer(refused.find("search"));
    expect(refused.has("preflight")).toBe(true);
  });

  it("goes on with the way back", () => {
    const verified = plan({ rollback: { verify: { gates: ["p95 < 0.2"] } } });
    const machine = at("observing", {}, verified);
    machine.abort();
    machine.until(({ phase }) => phase.kind === "verifying");
    machine.takeOver("continue");
    expect(machine.finish()).toEqual({ kind: "rolled-back", by: "abort" });
  });

  it("observes the whole soak anew", () => {
    const machine = at("observing");
    machine.run(50_000);
    machine.takeOver("continue");
    machine.run(50_000);
    expect(machine.state().stage).toBe(0);
    expect(machine.state().phase.kind).toBe("observing");
  });

  it("writes a captured field again, and asks before it runs a call again", () => {
    const machine = at("applying");
    machine.answer(machine.find("apply"), { apply: () => "lost" });
    machine.takeOver("continue");
    machine.answer(machine.find("search"));
    machine.answer(machine.find("read-back"));
    expect(machine.find("apply").action).toBe("pilot/change");
  });
});

describe("clocks after a takeover", () => {
  it("are those of the new process", () => {
    const machine = at("observing");
    machine.takeOver("continue");
    const { servedSince, stageStarted, rolloutStarted, phase } = machine.state();
    const now = machine.now();
    expect({ servedSince, stageStarted, rolloutStarted }).toEqual({
      servedSince: now,
      stageStarted: now,
      rolloutStarted: now,
    });
    expect(phase).toMatchObject({ soak: { clock: now, began: now, lastTick: now } });
  });

  it("do not make up a canary that was served", () => {
    const machine = at("applying");
    machine.takeOver("continue");
    expect(machine.state().servedSince).toBeNull();
  });
});

describe("a call whose outcome is unknown", () => {
  it("holds until a person has looked", () => {
    const machine = lostCall("hold");
    expect(holdOf(machine)).toMatchObject({ kind: "unknown", clears: "person" });
    expect(machine.has("apply")).toBe(false);
    machine.say({ kind: "resume" });
    expect(machine.finish()).toEqual({ kind: "promoted" });
  });

  it("runs again when the plan says that this is safe", () => {
    const machine = lostCall("rerun");
    machine.answer(machine.find("search"));
    machine.answer(machine.find("read-back"));
    expect(machine.find("apply").action).toBe("pilot/call");
  });

  it("is skipped once, also over several takeovers", () => {
    const machine = lostCall("skip");
    machine.takeOver("continue");
    machine.answer(machine.find("search"));
    machine.answer(machine.find("read-back"));
    expect(machine.find("apply").action).toBe("pilot/after");
  });
});
