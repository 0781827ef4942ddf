import { describe, expect, it } from "vitest";

import type { End } from "../../src/core/ending.ts";
import type { Sample } from "../../src/core/sample.ts";
import { startMachine, type Machine, type World } from "../support/machine.ts";
import { action, check, MINUTE, plan, SECOND } from "../support/plan-builder.ts";

type Verified = NonNullable<NonNullable<Parameters<typeof plan>[0]>["rollback"]>["verify"];

function goingBack(verify: NonNullable<Verified>): Machine {
  const machine = startMachine(
    plan({ checks: [check("smoke"), check("more")], rollback: { verify } }),
  );
  machine.until(({ phase }) => phase.kind === "observing");
  machine.abort();
  return machine;
}

function endOf(verify: NonNullable<Verified>, world: World): End {
  return goingBack(verify).finish(world);
}

const FAILED = { kind: "rollback-failed", restored: true } as const;

describe("a way back is verified", () => {
  it("by its gates: passing they make it rolled back", () => {
    expect(endOf({ gates: ["p95 < 0.2"] }, {})).toEqual({ kind: "rolled-back", by: "abort" });
  });

  it("by its gates: red for the whole bound they make it failed for certain", () => {
    const machine = goingBack({ gates: ["p95 < 0.2"], within: MINUTE });
    machine.until(({ phase }) => phase.kind === "verifying");
    const from = machine.now();
    expect(machine.finish({ sample: () => 1 })).toMatchObject({ ...FAILED, certain: true });
    expect(machine.now() - from).toBeGreaterThanOrEqual(MINUTE);
  });

  it.each(["noData", "error"] as const)("by its gates: blind by %s they say nothing", (kind) => {
    const sample: Sample = { kind, why: "" };
    const end = endOf({ gates: ["p95 < 0.2"], within: MINUTE }, { sample: () => sample });
    expect(end).toMatchObject({ ...FAILED, certain: false });
  });

  it("by its gates: red at first and green within the bound is rolled back", () => {
    const machine = goingBack({ gates: ["p95 < 0.2"], within: 5 * MINUTE });
    machine.until(({ phase }) => phase.kind === "verifying");
    machine.run(2 * MINUTE, { sample: () => 1 });
    expect(machine.finish()).toEqual({ kind: "rolled-back", by: "abort" });
  });

  it.each(["fail", "error"] as const)("by its checks: one that says %s fails it", (result) => {
    const verify = { gates: ["p95 < 0.2"], checks: ["smoke", "more"] };
    const end = endOf(verify, { check: (name) => (name === "smoke" ? result : "pass") });
    expect(end).toMatchObject({ ...FAILED, certain: true });
  });

  it.each(["fail", "error"] as const)("by its checks alone: %s fails it", (result) => {
    const end = endOf({ checks: ["smoke"] }, { check: () => result });
    expect(end).toMatchObject({ ...FAILED, certain: true });
    expect(endOf({ checks: ["smoke"] }, {})).toEqual({ kind: "rolled-back", by: "abort" });
  });

  it("after a wait, in which nothing is measured", () => {
    const machine = goingBack({ gates: ["p95 < 0.2"], wait: 30 * SECOND });
    machine.until(({ phase }) => phase.kind === "rolling-back" && phase.step === "wait");
    machine.run(29 * SECOND);
    expect(machine.has("measure")).toBe(false);
    expect(machine.state().phase.kind).toBe("rolling-back");
    expect(machine.finish()).toEqual({ kind: "rolled-back", by: "abort" });
  });
});

it("a rollback tried again forgets what failed, and runs its actions again", () => {
  const actions = [action("rollback/clear-cache"), action("rollback/tell")];
  const machine = startMachine(plan({ rollback: { actions } }));
  machine.until(({ phase }) => phase.kind === "observing");
  machine.abort();
  const end = machine.finish({
    apply: (id) => (id === "rollback/tell" ? { result: "failed", why: "no" } : undefined),
  });
  expect(end).toMatchObject({ kind: "rollback-failed", certain: true });
  machine.takeOver("rollback");
  const from = machine.moments.length;
  expect(machine.finish()).toEqual({ kind: "rolled-back", by: "abort" });
  const applied = machine.moments
    .slice(from)
    .flatMap(({ entry: { event } }) => (event.kind === "action-finished" ? [event.action] : []));
  expect(applied).toEqual(["rollback/clear-cache", "rollback/tell"]);
});
