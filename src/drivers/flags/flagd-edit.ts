import type { Change } from "../../core/field.ts";
import { failed, ok } from "../answer.ts";
import type { Answer } from "../driver.ts";
import { flagdRefOf, sourcesOfValue } from "./flagd-flag.ts";
import { findFlagdEntry, withRaw } from "./flagd-text.ts";

/** The text of a flag file with changes made to its flags; it says no where it would not be a flag file any more. */
export function editFlagdText(
  text: string,
  file: string,
  changes: readonly Change[],
): Answer<string> {
  let now = text;
  for (const { field, value } of changes) {
    const ref = flagdRefOf(field);
    const sources = sourcesOfValue(value, ref);
    if (sources === null) return failed(`${field.label} cannot be set to ${JSON.stringify(value)}`);
    for (const key of ["state", "targeting"] as const) {
      const raw = sources[key];
      if (raw === undefined) continue;
      const entry = findFlagdEntry(now, ref.flag);
      const next = entry.kind === "ok" ? withRaw(entry.value, key, raw) : entry;
      if (next.kind !== "ok") return failed(`${file}: ${next.why}`);
      now = next.value;
    }
  }
  return stillReads(now, file, changes);
}

/** What is written must read as what was asked for: flagd keeps its old flags when a file is broken, without a word here. */
function stillReads(text: string, file: string, changes: readonly Change[]): Answer<string> {
  if (file.endsWith(".json")) {
    try {
      JSON.parse(text);
    } catch {
      return failed(`${file} would be no JSON any more: write the flag out by hand first`);
    }
  }
  for (const { field } of changes) {
    const entry = findFlagdEntry(text, flagdRefOf(field).flag);
    if (entry.kind !== "ok") return failed(`${file} could not be edited: ${entry.why}`);
  }
  return ok(text);
}
