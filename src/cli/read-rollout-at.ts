import { join } from "node:path";

import { readRollout, type RolloutRead } from "../engine/read-rollout.ts";
import type { Scene } from "../report/scene.ts";
import { composeStore } from "./compose.ts";
import type { Place } from "./known-evidence.ts";
import { UsageError } from "./usage-error.ts";

/** Reads a rollout; one that left nothing to read is wrong usage. */
export async function readRolloutAt(place: Place): Promise<RolloutRead> {
  const read = await readRollout(await composeStore(place.evidence), place.evidence, place.id);
  if ("missing" in read) throw new UsageError(read.missing);
  return read;
}

/** What the words about a rollout need to know. */
export function sceneOf(place: Place, plan: Scene["plan"]): Scene {
  return { plan, rollout: place.id, evidence: join(place.evidence, place.id) };
}
