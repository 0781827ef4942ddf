import type { Rule } from "../located-plan.ts";
import { placedActions } from "./placed-actions.ts";
import { problemsAt, type Found } from "./problems-at.ts";

/** What cannot be read back has no value to restore: its author says how it is undone, that it is harmless, or that it is not. */
export const undoStated: Rule = (located, catalog) => {
  const found = placedActions(located).flatMap(({ action, place, path }): readonly Found[] => {
    if (place !== "stage" && place !== "finish" && place !== "playbook") return [];
    if (action.undo !== "auto" || !action.reversible || action.role === "release") return [];
    const style = catalog.actions.get(action.driver)?.style(action.input);
    if (style !== "call") return [];
    return [
      {
        code: "undo-missing",
        path,
        message: `the action ${action.title} does not say how it is undone`,
        fix: `add \`undo: { ${action.driver}: … }\`, \`undo: none\` if it is harmless, or \`reversible: false\` for a point of no return`,
      },
    ];
  });
  return problemsAt(located, found);
};
