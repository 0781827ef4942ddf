import type { Rule } from "../located-plan.ts";
import { findPlaceholders, type PlaceholderKind } from "../placeholders.ts";
import { planTexts, type PlanText } from "./plan-texts.ts";
import { problemsAt, type Found } from "./problems-at.ts";

/** Placeholders that mean something in certain places only would stay as text elsewhere. */
export const placeholderPlace: Rule = (located) => {
  const found = planTexts(located).flatMap((text) =>
    findPlaceholders(text.text).found.flatMap(
      ({ kind, name, offset, length }): readonly Found[] => {
        const belongs = place(kind, name, text);
        if (belongs === null) return [];
        const written = text.text.slice(offset, offset + length);
        return [
          {
            code: "placeholder-misplaced",
            path: text.path,
            part: { offset, length },
            message: `${written} stands for nothing here`,
            fix: belongs,
          },
        ];
      },
    ),
  );
  return problemsAt(located, found);
};

/** Where a placeholder belongs, when that is not here. */
function place(kind: PlaceholderKind, name: string, text: PlanText): string | null {
  switch (kind) {
    case "window":
    case "arm":
      return text.kind === "metric" || (kind === "arm" && text.kind === "connection")
        ? null
        : "it belongs into the query of a metric";
    case "traffic":
      return text.action?.action.role === "traffic" ||
        text.action?.action.role === "release" ||
        text.action?.place === "undo"
        ? null
        : "it belongs into an action under `traffic`; elsewhere write ${stage.traffic}";
    case "event":
      return text.kind === "message" ? null : "it belongs into a message";
    case "stage":
      return text.kind === "connection" ? "a connection is the same in every stage" : null;
    case "env":
    case "file":
      return text.kind === "message"
        ? "secrets belong into connections, never into messages"
        : null;
    case "rollout":
      return name === "id" || name === "plan" || text.kind === "message"
        ? null
        : "it belongs into a message; elsewhere there is ${rollout.id} and ${rollout.plan}";
    case "value":
    case "params":
    case "outputs":
    case "sandbox":
      return null;
  }
}
