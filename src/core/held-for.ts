import type { Judged, JudgeContext } from "./judged.ts";
import type { Millis } from "./units.ts";

/**
 * What holds must have held for a span, from its first look to its latest: time without a look is not evidence.
 * A passing sample resets it; a blind one neither resets nor completes it.
 */
export function heldFor(
  judged: Judged,
  span: Millis,
  context: JudgeContext,
  place: string,
): Judged {
  if (span === 0 || judged.truth === "not") return judged;
  if (judged.truth !== "holds") return keepClock(judged, context, place);
  const key = `${context.owner}#${place}`;
  const seen = judged.seen ?? context.now;
  const began = context.state.since[key] ?? seen;
  const since = { ...judged.since, [key]: began };
  if (seen - began >= span) return { ...judged, since };
  // A gate with `for` is not red while its time runs; a trigger has not fired yet.
  return {
    ...judged,
    truth: context.clock === null ? "not" : "warming",
    detail: `${judged.detail}, for ${Math.max(0, seen - began)} of ${span} ms`,
    since,
  };
}

/** Keeps the clock of a `for` as it was: nothing is known that could reset or complete it. */
export function keepClock(judged: Judged, context: JudgeContext, place: string): Judged {
  const key = `${context.owner}#${place}`;
  const began = context.state.since[key];
  return began === undefined ? judged : { ...judged, since: { ...judged.since, [key]: began } };
}
