import type { End } from "../core/ending.ts";
import type { RolloutRead } from "../engine/read-rollout.ts";
import { systemClock } from "../engine/system-clock.ts";
import { textOf } from "../store/unreachable.ts";
import { composeRecords } from "./compose.ts";
import type { Place } from "./known-evidence.ts";
import { readJournal } from "./read-journal.ts";

/**
 * What the other folders of a rollout say of it. `unknown` where one of them could not be read: whether the rollout was
 * rolled back there nobody can say then, and the claims on its targets have to.
 */
export type Elsewhere =
  | { readonly kind: "rolled-back"; readonly place: Place }
  | { readonly kind: "open" }
  | { readonly kind: "unknown"; readonly unread: readonly string[] };

/** What one folder says; a text says why it says nothing. */
type Seen = { readonly place: Place; readonly read: RolloutRead | null } | string;

/** How long another folder, or the store that it is a copy of, may take, in milliseconds. */
const PATIENCE = 5000;

/**
 * The end of a rollout whose journal here has none: an abort from its bundle, or one that could not write here, was journalled
 * in another folder of this machine. Null where none is known.
 */
export async function endedElsewhere(
  place: Place,
): Promise<{ readonly place: Place; readonly end: End } | null> {
  for (const seen of await seenElsewhere(place)) {
    if (typeof seen === "string" || seen.read?.state.phase.kind !== "ended") continue;
    return { place: seen.place, end: seen.read.state.phase.end };
  }
  return null;
}

/**
 * Whether a rollout without an end here was rolled back in another folder. It gave its targets back then: whoever still acted
 * on it here would undo what a later rollout did to them. Not where the journal here goes on after that end: a runner that
 * stood still meanwhile was thawed, and what it wrote since is nobody's yet.
 */
export async function lookElsewhere(place: Place): Promise<Elsewhere> {
  const all = await seenElsewhere(place);
  const unread = all.filter((seen) => typeof seen === "string");
  for (const seen of all) {
    if (typeof seen === "string" || seen.read === null) continue;
    const { phase } = seen.read.state;
    if (phase.kind !== "ended" || phase.end.kind !== "rolled-back") continue;
    const here = await lookAt(place);
    if (typeof here === "string") return { kind: "unknown", unread: [here, ...unread] };
    const last = here.read?.entries.at(-1)?.at;
    const there = seen.read.entries.at(-1)?.at ?? 0;
    // Both were written by the clock of this machine.
    if (last !== undefined && last < there) return { kind: "rolled-back", place: seen.place };
    return { kind: "open" };
  }
  return unread.length === 0 ? { kind: "open" } : { kind: "unknown", unread };
}

/** The folder in which a rollout without an end here is known to have been rolled back, or null. */
export async function rolledBackElsewhere(place: Place): Promise<Place | null> {
  const elsewhere = await lookElsewhere(place);
  return elsewhere.kind === "rolled-back" ? elsewhere.place : null;
}

async function seenElsewhere(place: Place): Promise<readonly Seen[]> {
  const records = await composeRecords();
  const folders = await records
    .placesOf(place.id)
    .catch((error: unknown) => `which folders it has: ${textOf(error)}`);
  if (typeof folders === "string") return [folders];
  const others = folders.filter((evidence) => evidence !== place.evidence);
  return Promise.all(others.map((evidence) => lookAt({ evidence, id: place.id })));
}

/** Nothing that lies in a folder, or in a store behind it, is waited for longer than a moment. */
async function lookAt(place: Place): Promise<Seen> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const why = new Error(`no answer within ${PATIENCE / 1000} s`);
  const stop = systemClock.after(PATIENCE, () => reject(why));
  try {
    const read = await Promise.race([readJournal(place), late]);
    if ("missing" in read)
      return read.began ? `${place.evidence}: ${read.missing}` : { place, read: null };
    // What can not be read may be the end.
    const isWhole = read.unclaimed.length === 0 || read.state.phase.kind === "ended";
    return isWhole ? { place, read } : `${place.evidence}: ${read.problems.join("; ")}`;
  } catch (error) {
    return `${place.evidence}: ${textOf(error)}`;
  } finally {
    stop();
  }
}
