import type { Action, Plan } from "../../core/plan.ts";
import type { SourcePath } from "../diagnostic.ts";
import type { LocatedPlan } from "../located-plan.ts";

/** An action and where it stands. */
export interface PlacedAction {
  readonly action: Action;
  readonly place: "stage" | "finish" | "rollback" | "playbook" | "undo";
  /** The position of its stage; the number of stages for what stands in none. */
  readonly stage: number;
  readonly path: SourcePath;
}

/** Every action of a plan in the order in which they run, those of playbooks last, each followed by the action that undoes it. */
export function placedActions(located: LocatedPlan): readonly PlacedAction[] {
  const { plan } = located;
  const after = plan.stages.length;
  return [
    ...plan.stages.flatMap(({ actions }, index) => placed(located, actions, "stage", index)),
    ...placed(located, plan.finish, "finish", after),
    ...placed(located, plan.rollback.actions, "rollback", after),
    ...Object.values(plan.playbooks ?? {}).flatMap(({ actions }) =>
      placed(located, actions, "playbook", after),
    ),
  ];
}

function placed(
  located: LocatedPlan,
  actions: Plan["finish"],
  place: PlacedAction["place"],
  stage: number,
): readonly PlacedAction[] {
  return actions.flatMap((action) => {
    const path = located.sourceOf.get(`action:${action.id}`) ?? [];
    const own = { action, place, stage, path };
    if (typeof action.undo === "string") return [own];
    const undo = { action: action.undo, place: "undo" as const, stage, path: [...path, "undo"] };
    return [own, undo];
  });
}
