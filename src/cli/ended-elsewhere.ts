import type { End } from "../core/ending.ts";
import { composeRecords } from "./compose.ts";
import type { Place } from "./known-evidence.ts";
import { readJournal } from "./read-journal.ts";

/**
 * The end of a rollout whose journal here has none: an abort from its bundle, or one that could not write here, was journalled
 * in another folder of this machine. Null where none is known.
 */
export async function endedElsewhere(
  place: Place,
): Promise<{ readonly place: Place; readonly end: End } | null> {
  const places = await (await composeRecords()).placesOf(place.id).catch((): string[] => []);
  for (const evidence of places) {
    if (evidence === place.evidence) continue;
    const read = await readJournal({ evidence, id: place.id }).catch(() => null);
    if (read === null || "missing" in read || read.state.phase.kind !== "ended") continue;
    return { place: { id: place.id, evidence }, end: read.state.phase.end };
  }
  return null;
}

/**
 * The folder in which a rollout without an end here was rolled back. It gave its targets back then: whoever still acted on
 * it here would undo what a later rollout did to them. Null where the journal here goes on after that end: a runner that
 * stood still meanwhile was thawed, and what it wrote since is nobody's yet.
 */
export async function rolledBackElsewhere(place: Place): Promise<Place | null> {
  const elsewhere = await endedElsewhere(place);
  if (elsewhere?.end.kind !== "rolled-back") return null;
  const [here, there] = await Promise.all([lastLine(place), lastLine(elsewhere.place)]);
  return here !== null && there !== null && here < there ? elsewhere.place : null;
}

/** When the last line of a journal was written, by the clock of this machine, which both were written on. */
async function lastLine(place: Place): Promise<number | null> {
  const read = await readJournal(place).catch(() => null);
  if (read === null || "missing" in read) return null;
  return read.entries.at(-1)?.at ?? null;
}
