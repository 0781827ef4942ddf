import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";

import type { Bundle } from "../engine/bundle.ts";
import { composeRecords, composeStore } from "./compose.ts";
import { evidenceFolder, type Place } from "./known-evidence.ts";
import { UsageError } from "./usage-error.ts";

/**
 * The rollout of a bundle and where its abort is journalled: in `--evidence`; else where its journal is, beside the bundle or
 * where this machine knows it; else in `evidence/` of the working folder. Never beside a bundle that was only copied somewhere.
 */
export async function placeOfBundle(path: string, evidence: string | undefined): Promise<Place> {
  const { readBundleFile } = await import("../engine/read-bundle.ts");
  const whole = resolve(path);
  const bundle = await readBundleFile(whole).catch((error: unknown) => {
    throw new UsageError(
      `${whole} is no rollback bundle: ${error instanceof Error ? error.message : String(error)}`,
      "name the rollback.json of the rollout, or a copy of it",
    );
  });
  if (bundle === null) throw new UsageError(`there is no bundle at ${whole}`);
  const id = bundle.rollout;
  const place = { id, evidence: await evidenceFor(bundle, whole, evidence) };
  await remember(place, bundle);
  return place;
}

async function evidenceFor(
  { rollout }: Bundle,
  path: string,
  evidence: string | undefined,
): Promise<string> {
  if (evidence !== undefined) return resolve(evidence);
  const known = await (await composeRecords()).placesOf(rollout).catch((): readonly string[] => []);
  const beside = basename(dirname(path)) === rollout ? [dirname(dirname(path))] : [];
  for (const folder of [...beside, ...known.toReversed()])
    if (await hasJournal(folder, rollout)) return folder;
  return evidenceFolder(undefined);
}

/** A journal that a claim can be added to. */
async function hasJournal(folder: string, rollout: string): Promise<boolean> {
  try {
    await access(join(folder, rollout), constants.W_OK);
    return (await (await composeStore(folder)).lastEpoch(rollout)) > 0;
  } catch {
    return false;
  }
}

/** So that the rollout's other commands, and the next start, find what became of it. An abort does not fail for it. */
async function remember({ id, evidence }: Place, { plan }: Bundle): Promise<void> {
  const [{ rememberRollout }, { stateDir }] = await Promise.all([
    import("../store/rollout-index.ts"),
    import("../store/state-dir.ts"),
  ]);
  const places = await (await composeRecords()).placesOf(id).catch((): readonly string[] => []);
  if (places.includes(evidence)) return;
  await rememberRollout(stateDir(), { id, evidence, plan: plan.name, at: Date.now() }).catch(
    () => undefined,
  );
}
