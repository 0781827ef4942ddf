import { join } from "node:path";

import type { RolloutRead } from "../engine/read-rollout.ts";
import { command, type Scene } from "../report/scene.ts";
import { bundleInstead } from "./bundle-instead.ts";
import type { Place } from "./known-evidence.ts";
import { readJournal } from "./read-journal.ts";
import { UsageError } from "./usage-error.ts";

/** Reads a rollout; one that left nothing to read is wrong usage. */
export async function readRolloutAt(place: Place): Promise<RolloutRead> {
  const read = await readJournal(place);
  if ("missing" in read) throw new UsageError(read.missing, wayOn(place));
  return read;
}

/** What can still be done about a rollout whose evidence can not be read. */
function wayOn(place: Place): string {
  const scene = { ...sceneOf(place, null), named: place.evidence };
  if (bundleInstead(place) === null)
    return "with a copy of its rollback bundle: canary abort --bundle FILE --reason …";
  return [
    "its rollback bundle is still there",
    `to roll back: ${command(scene, "abort", "--reason …")}`,
    `if its targets were put right by hand: ${command(scene, "unlock", "--reason …")}`,
  ].join("\n");
}

/** What the words about a rollout need to know. */
export function sceneOf(place: Place, plan: Scene["plan"]): Scene {
  return { plan, rollout: place.id, evidence: join(place.evidence, place.id) };
}
