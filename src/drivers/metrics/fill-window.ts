import type { Json, Millis } from "../../core/units.ts";
import { fillText, mapTexts, prefillText } from "../template.ts";

/**
 * Puts the asked window in place of `${window}`, as PromQL and most tools write durations: `300s`, `1500ms`. It is the
 * last filling of a query: what was escaped by those before is plain text then.
 */
export function fillWindow(text: string, window: Millis): string {
  return fillText(text, (name) => (name === "window" ? durationText(window) : undefined));
}

/** As `fillWindow`, for a text whose references are resolved after it. */
export function prefillWindow(text: string, window: Millis): string {
  return prefillText(text, (name) => (name === "window" ? durationText(window) : undefined));
}

/** The query of a source that asks for no window in its text, as it is meant: with nothing escaped any more. */
export function plainQuery<Q extends object>(query: Q): Q {
  return mapTexts(query as Json, (text) => fillText(text, () => undefined)) as Q;
}

function durationText(window: Millis): string {
  const ms = Math.max(1, Math.round(window));
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}
