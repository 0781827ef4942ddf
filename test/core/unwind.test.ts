import { describe, expect, it } from "vitest";

import type { UndoResult } from "../../src/core/event.ts";
import type { Plan } from "../../src/core/plan.ts";
import { GRACE } from "../../src/core/unwind.ts";
import { aborted, startMachine, undoneAs, type Machine, type World } from "../support/machine.ts";
import { action, plan, SECOND, stage, traffic } from "../support/plan-builder.ts";

const two = plan({ stages: [stage("pilot", 10), stage("half", 50)] });

/** At 100 %, and stable was changed after the shift. */
const full = plan({
  stages: [
    stage("full", 100, {
      actions: [action("full/change"), traffic("full", 100), action("full/scale-stable")],
    }),
  ],
});

function observing(of: Plan, index = 0): Machine {
  const machine = startMachine(of);
  machine.until(({ phase, stage: at }) => phase.kind === "observing" && at === index);
  return machine;
}

/** The order of the undo: group and actions. */
function undos(machine: Machine, world: World = {}): readonly string[] {
  const seen: string[] = [];
  machine.finish({
    ...world,
    undo: (group, actions) => {
      seen.push(`${group}: ${actions.join(" ")}`);
      return world.undo?.(group, actions);
    },
  });
  return seen;
}

function endOf(machine: Machine): unknown {
  const { phase } = machine.state();
  return phase.kind === "ended" ? phase.end : null;
}

function failing(group: string, result: UndoResult["result"]): World {
  return {
    undo: (now, actions) =>
      now === group ? actions.map((id) => undoneAs(id, result, "why")) : undefined,
  };
}

function applying(of: Plan, id: string): Machine {
  const machine = startMachine(of);
  machine.until(({ pending }) =>
    Object.values(pending).some((effect) => effect.kind === "apply" && effect.action === id),
  );
  machine.answer(machine.find("apply"), { apply: () => "lost" });
  return machine;
}

function shares(machine: Machine): readonly number[] {
  return machine.moments.flatMap(({ step }) =>
    step.start.flatMap((effect) =>
      effect.kind === "undo" && effect.share !== null ? [effect.share] : [],
    ),
  );
}

describe("the way back", () => {
  it("undoes traffic first, then the rest, the newest first, each once", () => {
    const machine = observing(two, 1);
    machine.abort();
    expect(undos(machine)).toEqual([
      "traffic: half/traffic pilot/traffic",
      "rest: half/change pilot/change",
    ]);
    expect(endOf(machine)).toEqual({ kind: "rolled-back", by: "abort" });
  });

  it("makes the returning side ready before traffic comes back to it", () => {
    const machine = observing(full);
    machine.abort();
    expect(undos(machine)).toEqual([
      "returning-side: full/scale-stable",
      "traffic: full/traffic",
      "rest: full/change",
    ]);
  });

  it.each(["failed", "unknown"] as const)(
    "leaves traffic where it is when the returning side is %s, and pages",
    (result) => {
      const machine = observing(full);
      machine.abort();
      expect(undos(machine, failing("returning-side", result))).toEqual([
        "returning-side: full/scale-stable",
      ]);
      expect(endOf(machine)).toMatchObject({
        kind: "rollback-failed",
        certain: result === "failed",
      });
      expect(machine.notes()).toContainEqual(expect.objectContaining({ kind: "paged" }));
    },
  );

  it("sends traffic back to a side that somebody else changed, and says 40", () => {
    const machine = observing(full);
    machine.abort();
    expect(undos(machine, failing("returning-side", "foreign"))).toHaveLength(3);
    expect(endOf(machine)).toMatchObject({ kind: "rollback-failed", certain: true });
  });

  it.each([
    ["foreign", true],
    ["failed", true],
    ["unknown", false],
  ] as const)("ends not rolled back when a field is %s", (result, certain) => {
    const machine = observing(two);
    machine.abort();
    undos(machine, failing("rest", result));
    expect(endOf(machine)).toMatchObject({ kind: "rollback-failed", certain });
  });

  it("goes on with the rest when traffic fails", () => {
    const machine = observing(two);
    machine.abort();
    expect(undos(machine, failing("traffic", "failed"))).toHaveLength(2);
  });

  it("starts no metric, check or forward effect", () => {
    const machine = observing(two);
    const { start } = machine.abort();
    expect(start.map(({ kind }) => kind)).toEqual(["undo"]);
  });

  it("undoes the rest beside traffic that does not go back in time, each once, and then goes on", () => {
    for (const first of ["traffic", "rest"]) {
      const machine = observing(two);
      machine.abort();
      const stuck = machine.find("undo");
      const seen: string[] = [];
      const silent: World = {
        undo: (group) => {
          seen.push(group);
          return undefined;
        },
      };
      machine.feed({ kind: "undo-stalled", undo: stuck.id });
      const undos = machine
        .open()
        .flatMap(({ effect }) => (effect.kind === "undo" ? [effect] : []));
      expect(undos.map(({ group }) => group)).toEqual(["traffic", "rest"]);
      for (const effect of first === "traffic" ? undos : undos.toReversed())
        machine.answer(effect, silent);
      expect(undos[0]).toEqual(stuck);
      expect(machine.finish(silent)).toEqual({ kind: "rolled-back", by: "abort" });
      expect(seen.toSorted()).toEqual(["rest", "traffic"]);
    }
  });

  it("gives traffic that was begun in the grace of an apply its time once, when it does not take it", () => {
    const machine = applying(two, "half/change");
    machine.abort();
    const early = machine.find("undo");
    machine.pass(GRACE);
    const grace = machine.open().find(({ effect }) => effect.kind === "timer");
    machine.feed({ kind: "timer-fired", effect: grace?.effect.id ?? "" });
    machine.answer(early, failing("traffic", "failed"));
    expect(undos(machine)).toEqual([
      "rest: half/change pilot/change",
      "again: pilot/traffic half/change pilot/change",
    ]);
  });
});

describe("stopping", () => {
  it("interrupts a running apply, and sends traffic back meanwhile", () => {
    const machine = applying(two, "half/change");
    const apply = machine.find("apply");
    const { interrupt, start } = machine.abort();
    expect(interrupt).toEqual([apply.id]);
    expect(start.map(({ kind }) => kind).toSorted()).toEqual(["timer", "undo"]);
    expect(machine.find("undo")).toMatchObject({ group: "traffic", actions: ["pilot/traffic"] });
  });

  it("waits for an apply that is traffic itself, or at 100 %", () => {
    const shifting = applying(two, "half/traffic");
    expect(shifting.abort().start.map(({ kind }) => kind)).toEqual(["timer"]);
    const scaling = applying(full, "full/scale-stable");
    expect(scaling.abort().start.map(({ kind }) => kind)).toEqual(["timer"]);
  });

  it("waits no longer than the grace: the outcome is then unknown, undone, secured, undone again", () => {
    const machine = applying(two, "half/change");
    machine.abort();
    machine.answer(machine.find("undo"));
    machine.run(GRACE - 1);
    expect(machine.state().phase.kind).toBe("stopping");
    expect(undos(machine)).toEqual([
      "traffic: pilot/traffic",
      "rest: half/change pilot/change",
      "again: pilot/traffic half/change pilot/change",
    ]);
    expect(machine.state().unknown).toEqual(["half/change"]);
    expect(endOf(machine)).toEqual({ kind: "rolled-back", by: "abort" });
  });

  it.each(["applied", "failed"] as const)(
    "undoes an apply that answers %s in its grace",
    (result) => {
      const machine = applying(two, "half/change");
      machine.abort();
      const { id, action: name } = machine.find("apply");
      machine.feed({ kind: "action-finished", effect: id, action: name, result, why: "" });
      expect(undos(machine)).toContain("rest: half/change pilot/change");
      expect(endOf(machine)).toEqual({ kind: "rolled-back", by: "abort" });
    },
  );

  it("knows nothing of an apply that answers unknown", () => {
    const machine = applying(two, "half/change");
    machine.abort();
    const { id, action: name } = machine.find("apply");
    machine.feed({ kind: "action-finished", effect: id, action: name, result: "unknown", why: "" });
    undos(machine, { secure: () => false });
    expect(endOf(machine)).toMatchObject({ kind: "rollback-failed", certain: false });
  });

  it("does not take what failed while stopping for the returning side", () => {
    const machine = applying(two, "half/change");
    machine.abort();
    const undo = machine.find("undo");
    machine.answer(undo, { undo: (_group, ids) => ids.map((id) => undoneAs(id, "failed")) });
    machine.run(GRACE);
    expect(undos(machine)).toEqual([]);
    expect(endOf(machine)).toEqual({ kind: "rolled-back", by: "abort" });
  });

  it("cuts everything but the apply", () => {
    const machine = observing(two);
    machine.until(({ pending }) => Object.values(pending).some(({ kind }) => kind === "measure"));
    const measure = machine.find("measure");
    expect(machine.abort().cancel).toContain(measure.id);
  });
});

describe("past the point of no return", () => {
  const migrating = plan({
    stages: [
      stage("pilot", 10, {
        actions: [traffic("pilot", 10), action("pilot/migrate", { reversible: false })],
      }),
    ],
    triggers: { rollback: ["p95 > 0.4"] },
  });

  it("halts and pages for a trigger", () => {
    const machine = observing(migrating);
    expect(machine.finish({ sample: () => 1 })).toMatchObject({ kind: "halted" });
    expect(machine.notes()).toContainEqual(
      expect.objectContaining({ kind: "paged", trigger: "halted" }),
    );
    expect(machine.moments.flatMap(({ step }) => step.start.map(({ kind }) => kind))).not.toContain(
      "undo",
    );
  });

  it("halts for an abort, from the intent on", () => {
    const machine = startMachine(migrating);
    machine.until(({ pending }) =>
      Object.values(pending).some(
        (effect) => effect.kind === "apply" && effect.action === "pilot/migrate",
      ),
    );
    machine.answer(machine.find("apply"), { apply: () => "lost" });
    machine.abort();
    expect(machine.has("undo")).toBe(false);
    expect(machine.finish()).toEqual({ kind: "halted", why: "said so" });
    expect(machine.notes().some(({ kind }) => kind === "paged")).toBe(false);
  });

  it("lets an undo that had begun answer before it halts", () => {
    const machine = startMachine(migrating);
    machine.until(({ pending }) =>
      Object.values(pending).some(
        (effect) => effect.kind === "apply" && effect.action === "pilot/migrate",
      ),
    );
    machine.abort();
    const { id, action: name } = machine.find("apply");
    expect(machine.has("undo")).toBe(true);
    machine.feed({ kind: "action-intended", effect: id, action: name, fields: {} });
    machine.feed({ kind: "action-finished", effect: id, action: name, result: "failed", why: "" });
    expect(machine.has("end")).toBe(false);
    machine.answer(machine.find("undo"));
    expect(machine.find("end").end).toMatchObject({ kind: "halted" });
  });

  it("goes back past it when a person says so", () => {
    const machine = observing(migrating);
    machine.takeOver("rollback", undefined, { pastIrreversible: true });
    expect(machine.finish()).toEqual({ kind: "rolled-back", by: "abort" });
  });
});

describe("the actions of the rollback", () => {
  const after = plan({
    rollback: { actions: [action("rollback/clear-cache"), action("rollback/tell")] },
  });

  it("run after the undo, each in its turn", () => {
    const machine = observing(after);
    machine.abort();
    expect(machine.finish()).toEqual({ kind: "rolled-back", by: "abort" });
    const begun = machine.moments.flatMap(({ step }) =>
      step.start.flatMap((effect) => (effect.kind === "apply" ? [effect.action] : [])),
    );
    expect(begun.slice(-2)).toEqual(["rollback/clear-cache", "rollback/tell"]);
  });

  it("do not stop at one that fails, and the end says so", () => {
    const machine = observing(after);
    machine.abort();
    const tried: string[] = [];
    const end = machine.finish({
      apply: (id) => {
        tried.push(id);
        return id === "rollback/clear-cache" ? { result: "failed", why: "refused" } : undefined;
      },
    });
    expect(tried).toEqual(["rollback/clear-cache", "rollback/tell"]);
    expect(end).toMatchObject({ kind: "rollback-failed", certain: true });
  });
});

describe("a gradual way back", () => {
  const gradual = plan({
    stages: [stage("half", 50)],
    rollback: { gradual: { shares: [80, 20, 5], every: 30 * SECOND } },
    triggers: { rollback: ["errors > 0.5"] },
  });

  function steppingDown(): Machine {
    const machine = startMachine(gradual);
    machine.until(({ phase }) => phase.kind === "rolling-back" && phase.step === "step-down", {
      sample: (key) => (key === "p95" ? 1 : 0),
    });
    return machine;
  }

  it("steps down through the shares below the one in force after a failed gate", () => {
    const machine = steppingDown();
    const began = machine.now();
    expect(machine.finish()).toEqual({ kind: "rolled-back", by: "machine" });
    expect(shares(machine)).toEqual([20, 5]);
    expect(machine.now() - began).toBeGreaterThanOrEqual(60 * SECOND);
  });

  it("is instant for an abort and for a trigger", () => {
    const stopped = observing(gradual);
    stopped.abort();
    stopped.finish();
    expect(shares(stopped)).toEqual([]);
    const triggered = observing(gradual);
    triggered.finish({ sample: (key) => (key === "errors" ? 1 : 0) });
    expect(shares(triggered)).toEqual([]);
  });

  it("becomes instant when an abort comes in the middle of it", () => {
    const machine = steppingDown();
    machine.answer(machine.find("undo"));
    const { start } = machine.abort();
    expect(start).toEqual([
      expect.objectContaining({ kind: "undo", group: "traffic", share: null }),
    ]);
    expect(machine.finish()).toEqual({ kind: "rolled-back", by: "machine" });
    expect(shares(machine)).toEqual([20]);
  });

  it("becomes instant when a rollback trigger fires in the middle of it", () => {
    const machine = steppingDown();
    machine.run(10 * SECOND, { sample: (key) => (key === "errors" ? 1 : 0) });
    machine.finish();
    expect(shares(machine)).toEqual([20]);
  });

  it.each([aborted, { kind: "gate", text: "p95 < 0.2", by: "guard" }] as const)(
    "becomes instant when somebody takes over to roll back: %o",
    (cause) => {
      const machine = steppingDown();
      machine.takeOver("rollback", cause);
      machine.finish();
      expect(shares(machine)).toEqual([20]);
    },
  );
});
