import type { Millis } from "../../core/units.ts";

/** Puts the asked window in place of `${window}`, as PromQL and most tools write durations: `300s`, `1500ms`. */
export function fillWindow(text: string, window: Millis): string {
  return text.replaceAll("${window}", () => durationText(window));
}

function durationText(window: Millis): string {
  const ms = Math.max(1, Math.round(window));
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}
