import { claimOf } from "../../core/claim.ts";
import type { Limit } from "../../core/condition.ts";
import type { Plan } from "../../core/plan.ts";
import type { Rule } from "../located-plan.ts";
import { leafConditions, type MetricLeaf } from "./leaf-conditions.ts";
import { metricLeaves } from "./metric-leaves.ts";
import { placedConditions, type PlacedCondition } from "./placed-conditions.ts";
import { problemsAt, type Found } from "./problems-at.ts";
import { sourcePath } from "./source-path.ts";
import { windowOf } from "./window-of.ts";

/**
 * A rollback trigger that fires while a gate on the same metric still passes would undo a stage that is green. The other
 * way round is usual: a trigger is looser than its gate, because it acts at once.
 */
export const triggerBeforeGate: Rule = (located) => {
  const placed = placedConditions(located.plan);
  const gates = placed.flatMap((gate) =>
    // One of `any` need not hold for the gate to pass, so it says nothing alone.
    gate.place !== "gate" || gate.condition.kind === "any" ? [] : metricLeaves(gate.condition),
  );
  const found = placed.flatMap((trigger) =>
    compared(trigger, gates, located.plan, sourcePath(located, trigger.thing)),
  );
  return problemsAt(located, found);
};

function compared(
  placed: PlacedCondition,
  gates: readonly MetricLeaf[],
  plan: Plan,
  path: Found["path"],
): readonly Found[] {
  if (placed.place !== "trigger" || placed.condition.kind === "all") return [];
  const { does } = placed.trigger;
  if (does !== "rollback" && does !== "hold") return [];
  return leafConditions(placed.condition).flatMap((leaf) => {
    if (leaf.kind !== "metric") return [];
    const gate = gates.find(
      (other) =>
        isSameQuestion(leaf, other, plan) && overlap(leaf, other) && !areProven(leaf, other, plan),
    );
    if (gate === undefined) return [];
    const fires = `${leaf.text.trim()} fires while the gate ${gate.text.trim()} still passes`;
    return [
      {
        code:
          does === "rollback" ? ("trigger-before-gate" as const) : ("hold-before-gate" as const),
        path,
        message: fires,
        fix: "make the trigger looser than the gate, or the gate stricter",
      },
    ];
  });
}

/** "Proven more than 1.1 times" and "proven less than twice" are one test with two ends: nothing contradicts itself. */
function areProven(a: MetricLeaf, b: MetricLeaf, { metrics }: Plan): boolean {
  const metric = metrics[a.metric];
  return metric !== undefined && claimOf(a, metric) !== null && claimOf(b, metric) !== null;
}

function isSameQuestion(a: MetricLeaf, b: MetricLeaf, plan: Plan): boolean {
  if (a.metric !== b.metric) return false;
  const [left, right] = [a.over?.kind ?? "window", b.over?.kind ?? "window"];
  return left === right && windowOf(a, plan) === windowOf(b, plan);
}

/** Whether one value fires the trigger and passes the gate; told only where the two look in opposite directions. */
function overlap(trigger: MetricLeaf, gate: MetricLeaf): boolean {
  const [fires, passes] = [comparable(trigger.limit), comparable(gate.limit)];
  if (fires === null || passes === null || fires.scale !== passes.scale) return false;
  const up = trigger.operator === ">" || trigger.operator === ">=";
  const down = trigger.operator === "<" || trigger.operator === "<=";
  const gateAbove = gate.operator === ">" || gate.operator === ">=";
  const gateBelow = gate.operator === "<" || gate.operator === "<=";
  const touches = trigger.operator.endsWith("=") && gate.operator.endsWith("=");
  if (up && gateBelow) return fires.at < passes.at || (touches && fires.at === passes.at);
  if (down && gateAbove) return fires.at > passes.at || (touches && fires.at === passes.at);
  if (gate.operator !== "==") return false;
  const equal = passes.at === fires.at;
  return (up && fires.at < passes.at) || (down && fires.at > passes.at) || (touches && equal);
}

/** Limits can be compared when they are on one scale: absolute, or relative to the same reference in the same way. */
function comparable(limit: Limit): { readonly scale: string; readonly at: number } | null {
  switch (limit.kind) {
    case "number":
      return { scale: "absolute", at: limit.value };
    case "relative":
      return { scale: `times ${limit.to}`, at: limit.factor };
    case "offset":
      return { scale: `plus ${limit.to}`, at: limit.add };
    case "bool":
      return null;
  }
}
