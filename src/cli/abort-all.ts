import { createPrecedence, type Precedence } from "../drivers/precedence.ts";
import type { JournalEntry, Outcome } from "../engine/ports.ts";
import type { TakeOverRequest } from "../engine/take-over.ts";
import { describeEvent } from "../report/describe-event.ts";
import { bundleInstead } from "./bundle-instead.ts";
import { composeEngine } from "./compose.ts";
import { contestedBy } from "./contested-by.ts";
import { lookElsewhere } from "./ended-elsewhere.ts";
import { activePlaces } from "./find-rollout.ts";
import { whyUnread, type Place } from "./known-evidence.ts";
import { print, tell } from "./print.ts";
import { sceneOf } from "./read-rollout-at.ts";

/** Only what tells how far the way back is: with many at once, the rest is for their reports. */
const TOLD: ReadonlySet<string> = new Set([
  "undo-retried",
  "signalled",
  "undo-finished",
  "restored",
  "verified",
  "secured",
  "held",
  "paged",
]);

/**
 * Aborts every rollout that is active, all at the same time; one that cannot be aborted does not keep the others. Prints a
 * line for each step, with the seconds since the abort began. Gives the highest exit code, 0 when none was active.
 */
export async function abortAll(
  evidence: string | undefined,
  by: string,
  request: TakeOverRequest,
): Promise<number> {
  const places = await activePlaces(evidence);
  const why = whyUnread();
  if (places.length === 0)
    tell(
      why === null
        ? "no rollout is active: nothing to abort"
        : "NOT ABORTED: whether one is active is not known (exit 41)",
    );
  const precedence = createPrecedence(places.length);
  const codes = await Promise.all(
    places.map((place) => abortOne(place, by, request, precedence())),
  );
  return Math.max(why === null ? 0 : 41, ...codes);
}

async function abortOne(
  place: Place,
  by: string,
  request: TakeOverRequest,
  precedence: Precedence,
): Promise<number> {
  const began = performance.now();
  const say = (text: string): void =>
    print(`${place.id} +${((performance.now() - began) / 1000).toFixed(1)}s ${text}`);
  const scene = sceneOf(place, null);
  const observe = ({ event }: JournalEntry): void => {
    const isFound = event.kind === "searched" && (event.why !== "" || event.left.length > 0);
    if (isFound || TOLD.has(event.kind)) say(describeEvent(event, scene).text);
  };
  try {
    const { abortPlace } = await import("./abort-place.ts");
    const engine = await composeEngine({
      evidence: place.evidence,
      by,
      observe,
      drivers: "way-back",
      precedence,
    });
    const tellMore = (text: string, more: readonly string[]): void =>
      say([text, ...more].join("; "));
    const contested = contestedBy(await lookElsewhere(place), tellMore);
    const outcome = await abortPlace(
      engine,
      place,
      { ...request, ...contested },
      { bundle: bundleInstead(place), say: tellMore },
    );
    say(ended(outcome, place.id));
    return outcome.exit;
  } catch (error) {
    say(`NOT ABORTED: ${error instanceof Error ? error.message : String(error)} (exit 41)`);
    return 41;
  } finally {
    // Whatever became of it, the others are not kept.
    precedence.changed();
  }
}

function ended({ exit }: Outcome, id: string): string {
  return exit === 31
    ? "rolled back and verified (exit 31)"
    : `ended with exit ${exit}: canary status ${id}`;
}
