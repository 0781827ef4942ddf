import type { Condition } from "../../core/condition.ts";
import type { Plan, Stage, Trigger } from "../../core/plan.ts";

/** A condition and where it stands. `thing` is its key in `sourceOf`. */
export type PlacedCondition =
  | {
      readonly place: "gate";
      readonly thing: string;
      readonly condition: Condition;
      readonly stage: Stage;
    }
  | {
      readonly place: "trigger";
      readonly thing: string;
      readonly condition: Condition;
      readonly trigger: Trigger;
    }
  | { readonly place: "verify"; readonly thing: string; readonly condition: Condition };

/** Every condition of a plan, compound ones whole. */
export function placedConditions(plan: Plan): readonly PlacedCondition[] {
  return [
    ...plan.stages.flatMap((stage) =>
      stage.gates.map(({ id, condition }) => ({
        place: "gate" as const,
        thing: `gate:${id}`,
        condition,
        stage,
      })),
    ),
    ...plan.triggers.map((trigger) => ({
      place: "trigger" as const,
      thing: `trigger:${trigger.id}`,
      condition: trigger.condition,
      trigger,
    })),
    ...plan.rollback.verify.gates.map(({ id, condition }) => ({
      place: "verify" as const,
      thing: `gate:${id}`,
      condition,
    })),
  ];
}
