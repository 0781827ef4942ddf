import type { Plan } from "../core/plan.ts";
import type { State } from "../core/state.ts";

export type AfterLoss =
  | { readonly kind: "rollback" }
  /** Nothing is changed: a person has to decide. */
  | { readonly kind: "hold"; readonly why: string };

/**
 * What is to be done for a rollout whose runner is gone. A way back that had begun goes on. Else `onRunnerLost` of
 * its stage, or of its plan, decides, but never at 100 %: there the stable version may be scaled away, and going back blindly could be the outage.
 */
export function afterLoss(plan: Plan, state: State): AfterLoss {
  if (state.cause !== null && !state.halt) return { kind: "rollback" };
  if (state.halt || state.irreversible)
    return { kind: "hold", why: "it is past a point of no return" };
  if ((state.share ?? 0) >= 100) return { kind: "hold", why: "it serves 100 %" };
  const stage = plan.stages[state.stage];
  if (stage?.onRunnerLost === "hold")
    return { kind: "hold", why: `its stage ${stage.name} says onRunnerLost: hold` };
  if (stage?.onRunnerLost === undefined && plan.onRunnerLost === "hold")
    return { kind: "hold", why: "its plan says onRunnerLost: hold" };
  return { kind: "rollback" };
}
