import type { Rule } from "../located-plan.ts";
import { findPlaceholders } from "../placeholders.ts";
import { placedActions } from "./placed-actions.ts";
import { planTexts } from "./plan-texts.ts";
import { problemsAt, type Found } from "./problems-at.ts";

/** An output is made once, by an action that runs before whoever uses it. */
export const outputs: Rule = (located) => {
  const actions = placedActions(located);
  const makers = new Map<string, number>();
  const found: Found[] = [];
  for (const [order, { action, path }] of actions.entries()) {
    for (const name of Object.keys(action.outputs)) {
      const maker = makers.get(name);
      // A traffic action is written once and runs in every stage.
      if (maker !== undefined && String(actions[maker]?.path) !== String(path))
        found.push({
          code: "output-twice",
          path: [...path, "outputs", name],
          atKey: true,
          message: `the output ${name} is made by an earlier action already`,
          fix: "give one of them another name",
        });
      if (maker === undefined) makers.set(name, order);
    }
  }
  for (const { text, path, action } of planTexts(located)) {
    for (const { kind, name, offset, length } of findPlaceholders(text).found) {
      if (kind !== "outputs") continue;
      const part = { offset, length };
      const made = makers.get(name);
      // An undo may use what its own action made.
      const at =
        action === null ? null : actions.findIndex((other) => other.action === action.action);
      if (made === undefined || at === null || made < at) continue;
      found.push({
        code: "output-early",
        path,
        part,
        message: `\${outputs.${name}} is used before it is made`,
        fix: `put the action that makes ${name} before this one`,
      });
    }
  }
  return problemsAt(located, found);
};
