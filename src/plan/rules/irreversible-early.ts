import type { Rule } from "../located-plan.ts";
import { placedActions } from "./placed-actions.ts";
import { problemsAt, type Found } from "./problems-at.ts";

/** Past a point of no return a trigger halts instead of rolling back, so it stands after everything has been judged. */
export const irreversibleEarly: Rule = (located) => {
  const found = placedActions(located).flatMap(
    ({ action, place, stage, path }): readonly Found[] => {
      if (action.reversible || place !== "stage") return [];
      const name = located.plan.stages[stage]?.name ?? "";
      return [
        {
          code: "irreversible-early",
          path,
          message: `from ${action.title} in stage ${name} on nothing rolls back: a trigger can only halt and page`,
          fix: "move it to `finish`, which runs after the last stage has passed",
        },
      ];
    },
  );
  return problemsAt(located, found);
};
