import type { Action, Check, Evidence, Stage } from "../core/plan.ts";
import type { Json } from "../core/units.ts";
import { builtInDrivers } from "../drivers/registry.ts";
import { fillJson } from "../drivers/template.ts";
import { formatDuration } from "../report/format-duration.ts";
import type { Preview } from "../report/plan-view.ts";

/** What an action does and what undoes it, as a person would type both; a release where it hands something back. */
export function previewAction(action: Action, stage: Stage | null): readonly Preview[] {
  const { driver, share, connection, role } = action;
  if (action.releases !== undefined)
    return [{ does: "writes back the values from before the rollout", undo: "nothing to undo" }];
  if (role === "release") return [{ does: "hands the router back", undo: "the share before" }];
  const found = builtInDrivers().actions.get(driver);
  if (found === undefined) throw new Error(`no driver ${driver}`);
  // What is known before the start is filled in; everything else stays a reference.
  const known = fillJson(action.input, (name) => {
    if (name === "stage.name") return stage?.name;
    if (name === "stage.folder") return stage?.folder;
    return name === "stage.traffic" ? (stage?.share ?? undefined) : undefined;
  });
  const shared = fillJson(known, (name) => (name === "traffic" ? (share ?? undefined) : undefined));
  const shown = (input: Json): readonly Preview[] =>
    found.preview({ input, share, connectionName: connection });
  // The share goes back to what it was: its place says so only while it still stands there.
  const undone = found.style(shared) === "fields" ? shown(known) : [];
  return shown(shared).map(({ does }, index) => ({ does, undo: undone[index]?.undo ?? null }));
}

/** What a check asks. */
export function previewCheck(check: Pick<Check, "name" | "driver" | "input">): string {
  if (check.driver === "confirm")
    return `a person says yes to ${JSON.stringify(check.input["question"])} with \`canary confirm ID ${check.name}\``;
  if (check.driver === "announced")
    return `\`canary announce\` has told the message ${JSON.stringify(check.input["announced"])} in time`;
  if (check.driver === "drill")
    return `\`canary drill\` has gone exactly this way back in the last ${formatDuration(Number(check.input["drill"]))}`;
  const found = builtInDrivers().checks.get(check.driver);
  return found === undefined ? check.driver : found.preview(check.input);
}

/** What is asked or run for an item of evidence. */
export function previewEvidence({ driver, input }: Evidence): string {
  const found = builtInDrivers().evidence.get(driver);
  if (found !== undefined) return found.preview(input);
  const { metric, metrics } = input;
  return Array.isArray(metrics)
    ? `a table of ${metrics.join(", ")}`
    : `the value of ${typeof metric === "string" ? metric : driver}`;
}
