import type { UndoResult } from "./event.ts";

/** What became of a value, as an end says it. */
export function tellUndone({ label, result, why }: UndoResult): string {
  return `${label}: ${result}${why === "" ? "" : ` (${why})`}`;
}
