import type { JournalEntry } from "../engine/ports.ts";
import { isHead, witnessLine } from "../evidence/witness-line.ts";
import type { Scene } from "./scene.ts";

/**
 * The head that stands below an event in the log of a rollout, so that the log is a witness of its journal; null where it is
 * none, was read back, or is of a rehearsal, which leaves nothing to bear witness of.
 */
export function printedHead(entry: JournalEntry, line: string, scene: Scene): string | null {
  if (line === "" || scene.evidence === null || !isHead(entry.event)) return null;
  return witnessLine(scene.rollout, entry, line.trimEnd());
}
