import { describe, expect, it } from "vitest";

import type { Event } from "../../src/core/event.ts";
import { startMachine, type Machine } from "../support/machine.ts";
import { action, MINUTE, plan, stage } from "../support/plan-builder.ts";

const one = plan({ stages: [stage("pilot", 10)], rollback: { verify: { gates: ["p95 < 0.2"] } } });

/** A line of the first epoch, with clocks that mean nothing here. */
function late(machine: Machine, event: Event): void {
  machine.feedEntry({ at: 0, mono: 0, epoch: 1, event });
}

function takenOver(): Machine {
  const machine = startMachine(one);
  machine.until(({ phase }) => phase.kind === "observing");
  machine.takeOver("continue");
  return machine;
}

describe("a line of a superseded process", () => {
  it("does not abort, hold or fire anything", () => {
    const machine = takenOver();
    const before = machine.state();
    late(machine, { kind: "interrupted", by: "a signal", reason: "SIGTERM" });
    late(machine, { kind: "journal-lost", why: "no space left" });
    late(machine, { kind: "timer-fired", effect: machine.find("timer").id });
    expect(machine.state()).toEqual(before);
    expect(machine.finish()).toEqual({ kind: "promoted" });
  });

  it("is undone, and undone again, when it is an intent", () => {
    const machine = startMachine(one);
    machine.until(({ phase }) => phase.kind === "observing");
    machine.takeOver("rollback");
    machine.until(({ phase }) => phase.kind === "verifying");
    late(machine, { kind: "action-intended", effect: "1.9", action: "pilot/traffic", fields: {} });
    expect(machine.has("secure")).toBe(true);
    expect(machine.finish()).toEqual({ kind: "rolled-back", by: "abort" });
  });

  it("leaves 41 when its write can not be ruled out", () => {
    const machine = startMachine(one);
    machine.until(({ phase }) => phase.kind === "observing");
    machine.takeOver("rollback");
    machine.until(({ phase }) => phase.kind === "verifying");
    late(machine, { kind: "action-intended", effect: "1.9", action: "pilot/traffic", fields: {} });
    expect(machine.finish({ secure: () => false })).toMatchObject({
      kind: "rollback-failed",
      certain: false,
    });
  });
});

describe("a late intent past a point of no return", () => {
  const migrating = plan({
    stages: [
      stage("pilot", 10, {
        actions: [action("pilot/change"), action("pilot/migrate", { reversible: false })],
      }),
    ],
    rollback: { verify: { gates: ["p95 < 0.2"] } },
  });

  function wayBack(pastIrreversible: boolean): Machine {
    const machine = startMachine(migrating);
    machine.until(({ pending }) =>
      Object.values(pending).some(
        (effect) => effect.kind === "apply" && effect.action === "pilot/migrate",
      ),
    );
    machine.takeOver("rollback", undefined, pastIrreversible ? { pastIrreversible } : {});
    machine.until(({ phase }) => phase.kind === "verifying");
    const from = machine.moments.length;
    late(machine, { kind: "action-intended", effect: "1.9", action: "pilot/migrate", fields: {} });
    const undone = machine.moments
      .slice(from)
      .some(({ step }) => step.start.some(({ kind }) => kind === "undo"));
    expect(undone).toBe(false);
    return machine;
  }

  it("halts: it is not undone unasked", () => {
    const machine = wayBack(false);
    expect(machine.finish()).toMatchObject({ kind: "halted" });
  });

  it("is undone where a person has said so", () => {
    const undone: string[] = [];
    const end = wayBack(true).finish({ undo: (_group, ids) => void undone.push(...ids) });
    expect(end).toEqual({ kind: "rolled-back", by: "abort" });
    expect(undone).toContain("pilot/migrate");
  });
});

describe("a late answer in the same process", () => {
  it("is not acted on, but an intent that comes after the cut is undone", () => {
    const machine = startMachine(one);
    machine.until(({ phase }) => phase.kind === "observing");
    machine.abort();
    machine.until(({ phase }) => phase.kind === "verifying");
    machine.feed({
      kind: "action-finished",
      effect: "1.4",
      action: "pilot/change",
      result: "applied",
      why: "",
    });
    expect(machine.state().phase.kind).toBe("verifying");
    machine.feed({ kind: "action-intended", effect: "1.99", action: "pilot/traffic", fields: {} });
    expect(machine.state().unknown).toEqual(["pilot/traffic"]);
    expect(machine.has("secure")).toBe(true);
  });
});

describe("a note", () => {
  it("changes nothing, at whatever time it stands", () => {
    const machine = startMachine(plan({ triggers: { rollback: ["p95 > 0.4 for 1m"] } }));
    machine.until(({ phase }) => phase.kind === "observing");
    const before = machine.state();
    machine.pass(10 * MINUTE);
    expect(machine.feed({ kind: "restored" }).start).toEqual([]);
    expect(machine.feed({ kind: "superseded", byEpoch: 2 }).start).toEqual([]);
    expect(machine.state()).toEqual(before);
  });
});
