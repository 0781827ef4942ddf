import type { Action, Evidence, Playbook } from "../core/plan.ts";

/** How much of an answer is shown: the rest is for whoever asks by hand. */
const MOST_LINES = 40;

/** What a playbook says to people. */
export function renderPlaybook({ name, causes, recover }: Playbook): string {
  return [`playbook ${name}`, ...list("may be", causes), ...list("to do", recover)].join("\n");
}

/** One answer of the diagnosis, as far as it is of use on a screen. */
export function renderFinding(
  {
    item,
    text,
    isMissing,
  }: { readonly item: Evidence; readonly text: string; readonly isMissing: boolean },
  asked: string,
): string {
  const lines = text.trimEnd().split("\n");
  const left = lines.length - MOST_LINES;
  const shown = lines.slice(0, MOST_LINES).map((each) => `  ${each}`);
  return [
    `${isMissing ? "no answer" : "answer"} ${item.as}: ${asked}`,
    ...shown,
    ...(left > 0 ? [`  … and ${left} lines more`] : []),
  ].join("\n");
}

/** What a playbook would change, and how each is undone. */
export function renderChanges(
  actions: readonly Action[],
  preview: (action: Action) => readonly { readonly does: string; readonly undo: string | null }[],
): string {
  const lines = actions.flatMap((action) =>
    preview(action).flatMap(({ does, undo }) => [
      `  run    ${does}`,
      `  undo     ${undoOf(action, undo)}`,
    ]),
  );
  return ["changes", ...lines].join("\n");
}

function undoOf({ undo }: Action, auto: string | null): string {
  if (typeof undo === "string") return auto ?? "nothing to undo";
  return [...(auto === null ? [] : [auto]), undo.title].join("; and as the plan states: ");
}

function list(title: string, items: readonly string[]): readonly string[] {
  return items.map((each, index) => `${index === 0 ? title.padEnd(8) : " ".repeat(8)}- ${each}`);
}
