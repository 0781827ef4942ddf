import { describe, expect, it } from "vitest";

import type { UndoResult } from "../../src/core/event.ts";
import type { Phase } from "../../src/core/state.ts";
import { holdOf, startMachine, undoneAs, type Machine, type World } from "../support/machine.ts";
import { action, plan, stage } from "../support/plan-builder.ts";

const two = plan({ stages: [stage("pilot", 10), stage("full", 100)] });
const WHY = "flag is on, and no line of it says so";
const UNREAD: UndoResult = undoneAs("flag", "unknown", "timeout");

function at(kind: Phase["kind"], of = two): Machine {
  const machine = startMachine(of);
  machine.until(({ phase }) => phase.kind === kind);
  return machine;
}

function found(...actions: readonly string[]): World {
  return { search: () => ({ actions, why: WHY }) };
}

/** The groups that were undone on the way, with their actions. */
function undoing(world: World): { readonly world: World; readonly undone: string[] } {
  const undone: string[] = [];
  return {
    world: {
      ...world,
      undo: (group, ids) => void undone.push(`${group}: ${ids.join(" ")}`),
    },
    undone,
  };
}

describe("a takeover that rolls back", () => {
  it("undoes what it finds begun and no line names, after it has made it impossible to land late", () => {
    const machine = at("observing");
    machine.takeOver("rollback");
    const { world, undone } = undoing(found("full/traffic"));
    expect(machine.finish(world)).toEqual({ kind: "rolled-back", by: "abort" });
    expect(undone.at(-1)).toContain("again: ");
    expect(undone.at(-1)).toContain("full/traffic");
    const kinds = machine.entries().map(({ event }) => event.kind);
    expect(kinds.indexOf("searched")).toBeLessThan(kinds.indexOf("secured"));
  });

  it("restores first what the journal names", () => {
    const machine = at("observing");
    machine.takeOver("rollback");
    machine.until(() => machine.has("search"));
    const kinds = machine.entries().map(({ event }) => event.kind);
    expect(kinds.filter((kind) => kind === "undo-finished")).toHaveLength(2);
  });

  it("finds what was begun also where the journal says that nothing was", () => {
    const machine = at("preparing");
    machine.takeOver("rollback");
    const { world, undone } = undoing(found("pilot/change", "pilot/traffic"));
    expect(machine.finish(world)).toEqual({ kind: "rolled-back", by: "abort" });
    expect(undone).toEqual(["again: pilot/traffic pilot/change"]);
    expect(machine.notes().map(({ kind }) => kind)).toContain("rolling-back");
  });

  it("does not call rolled back what could not be read, nor what a late write may change", () => {
    const unread = at("observing");
    unread.takeOver("rollback");
    expect(unread.finish({ search: () => ({ left: [UNREAD] }) })).toMatchObject({
      kind: "rollback-failed",
      certain: false,
      why: "flag: unknown (timeout)",
    });
    const late = at("observing");
    late.takeOver("rollback");
    expect(late.finish({ ...found("full/traffic"), secure: () => false })).toMatchObject({
      kind: "rollback-failed",
      certain: false,
    });
  });

  it("goes all the way back for what was set, whatever could not be read, and then says so", () => {
    const cleanUp = action("rollback/tell", { driver: "exec", undo: "none" });
    const machine = at("observing", plan({ stages: two.stages, rollback: { actions: [cleanUp] } }));
    machine.takeOver("rollback");
    expect(machine.finish({ search: () => ({ left: [UNREAD] }) })).toMatchObject({
      kind: "rollback-failed",
      certain: false,
      why: "flag: unknown (timeout)",
    });
    const begun = machine
      .entries()
      .flatMap(({ event }) => (event.kind === "action-intended" ? [event.action] : []));
    expect(begun).toContain("rollback/tell");
    const notes = machine.notes().map(({ kind }) => kind);
    expect(notes).toContain("verified");
    // Not every value was read.
    expect(notes).not.toContain("restored");
  });

  it("searches once, and again for the next who takes over", () => {
    const machine = at("observing");
    machine.takeOver("rollback");
    machine.finish({ search: () => ({ left: [UNREAD] }) });
    machine.takeOver("rollback");
    expect(machine.finish()).toEqual({ kind: "rolled-back", by: "abort" });
    const kinds = machine.entries().map(({ event }) => event.kind);
    expect(kinds.filter((kind) => kind === "searched")).toHaveLength(2);
  });

  it("halts where what it finds cannot be undone cleanly", () => {
    const migration = action("full/migrate", { reversible: false });
    const full = stage("full", 100, { actions: [migration] });
    const machine = at("observing", plan({ stages: [stage("pilot", 10), full] }));
    machine.takeOver("rollback");
    expect(machine.finish(found("full/migrate"))).toMatchObject({ kind: "halted" });
  });
});

it("a process that saw everything begin searches nothing", () => {
  const machine = at("observing");
  machine.abort();
  machine.finish();
  expect(machine.entries().some(({ event }) => event.kind === "searched")).toBe(false);
});

describe("a takeover that goes on", () => {
  it("holds before anything else is begun, and says what it found", () => {
    const machine = at("applying");
    machine.takeOver("continue");
    expect(machine.has("read-back")).toBe(false);
    machine.answer(machine.find("search"), found("pilot/traffic"));
    expect(holdOf(machine)).toMatchObject({ kind: "unknown", clears: "person" });
    expect(holdOf(machine).why).toContain(WHY);
    expect(machine.has("apply")).toBe(false);
    expect(machine.state()).toMatchObject({ share: 10, unknown: ["pilot/traffic"] });
    machine.abort();
    const { world, undone } = undoing({});
    machine.finish(world);
    expect(undone.join(" ")).toContain("pilot/traffic");
  });

  it("holds also where it held already", () => {
    const machine = at("observing");
    machine.say({ kind: "hold", reason: "lunch" });
    machine.takeOver("continue");
    machine.answer(machine.find("search"), found("full/traffic"));
    expect(holdOf(machine).why).toMatch(/lunch.*flag is on/u);
  });

  it("never captures as a baseline what it finds, but goes back", () => {
    const machine = at("preparing");
    machine.takeOver("continue");
    expect(machine.has("preflight")).toBe(false);
    const { world, undone } = undoing(found("pilot/change"));
    expect(machine.finish(world)).toEqual({ kind: "rolled-back", by: "machine" });
    expect(undone).toEqual(["rest: pilot/change", "again: pilot/change"]);
    expect(machine.entries().some(({ event }) => event.kind === "baseline-captured")).toBe(false);
  });

  it("does not run again what may have run, where the plan says so", () => {
    const call = action("full/call", { driver: "exec", undo: action("undo"), onUnknown: "skip" });
    const full = stage("full", 100, { actions: [call, action("full/after")] });
    const machine = at("observing", plan({ stages: [stage("pilot", 10), full] }));
    machine.takeOver("continue");
    machine.answer(machine.find("search"), found("full/call"));
    machine.say({ kind: "resume" });
    expect(machine.finish()).toEqual({ kind: "promoted" });
    const begun = machine
      .entries()
      .flatMap(({ event }) => (event.kind === "action-intended" ? [event.action] : []));
    expect(begun).toContain("full/after");
    expect(begun).not.toContain("full/call");
  });
});
