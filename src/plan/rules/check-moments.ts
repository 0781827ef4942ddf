import { checksOf } from "../../core/measurements.ts";
import type { Plan } from "../../core/plan.ts";
import { preflightOrder } from "../../core/preflight-order.ts";

/** When the actions of a stage run; its checks follow, and `finish` is the stage after the last. */
export function actionMoment(stage: number): number {
  return 2 * stage;
}

/**
 * When each check is made first, on a line on which the preflight is -1 and each stage takes two. Checks of one list
 * differ by their place in it. A check that has no moment of its own is absent: a trigger's, or one of the way back.
 */
export function checkMoments(plan: Plan): ReadonlyMap<string, number> {
  const moments = new Map<string, number>();
  const note = (name: string, moment: number): void => {
    if (!moments.has(name)) moments.set(name, moment);
  };
  for (const [index, name] of preflightOrder(plan).entries()) note(name, -1 + fraction(index));
  for (const [stage, { checks, gates }] of plan.stages.entries()) {
    const after = actionMoment(stage) + 1;
    for (const [index, name] of checks.entries()) note(name, after + fraction(index));
    const asked = gates.flatMap(({ condition }) => checksOf(condition));
    for (const name of asked) note(name, after + fraction(checks.length));
  }
  return moments;
}

function fraction(index: number): number {
  return index / 1e6;
}
