import { readRollout } from "../engine/read-rollout.ts";
import { composeEvidence } from "./compose.ts";
import type { Place } from "./known-evidence.ts";

/** Reads a rollout from the store that holds it; `missing` says why there is nothing to read. */
export async function readJournal({ evidence, id }: Place): ReturnType<typeof readRollout> {
  const { store, readEvidence } = await composeEvidence(evidence);
  return readRollout(store, evidence, id, readEvidence);
}
