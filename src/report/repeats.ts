import type { Event } from "../core/event.ts";

/** Tells whether an event says what was said before: a check that passes every second passes once in the story. */
export function repeats(): (event: Event) => boolean {
  const last = new Map<string, string>();
  return (event) => {
    if (event.kind === "stage-started") last.clear();
    if (event.kind !== "check-finished") return false;
    const same = last.get(event.check) === event.result;
    last.set(event.check, event.result);
    return same;
  };
}
