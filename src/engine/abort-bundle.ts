import { join } from "node:path";

import { hashValue } from "../evidence/hash-value.ts";
import { assumedRead } from "./assumed-read.ts";
import type { Bundle } from "./bundle.ts";
import type { Engine, Outcome } from "./ports.ts";
import { readBundleFile } from "./read-bundle.ts";
import { readRollout } from "./read-rollout.ts";
import { takeOver, takeOverRead, type TakeOverRequest } from "./take-over.ts";
import { BUNDLE } from "./write-bundle.ts";

/**
 * Undoes (or, as the request says, halts) a rollout from its bundle alone. Where its journal can be read this is a takeover like any other; where not, every
 * action of the plan counts as done with an unknown outcome.
 */
export async function abortFromBundle(
  engine: Engine,
  path: string,
  request: TakeOverRequest,
): Promise<Outcome> {
  const bundle = await readBundleFile(path, engine.readEvidence);
  if (bundle === null) throw new Error(`no bundle at ${path}`);
  const read = await readRollout(
    engine.store,
    engine.evidence,
    bundle.rollout,
    engine.readEvidence,
  ).catch(() => null);
  if (read !== null && !("missing" in read))
    return takeOver(engine, bundle.rollout, request, bundle);
  await restorePlan(engine, bundle);
  // Where the journal was there all the time, and only its plan was missing, it can be read now.
  const again = await readRollout(
    engine.store,
    engine.evidence,
    bundle.rollout,
    engine.readEvidence,
  ).catch(() => null);
  if (again !== null && !("missing" in again))
    return takeOver(engine, bundle.rollout, request, bundle);
  const hashes = bundle.fields.map(({ field, baseline }) => [field.key, hashValue(baseline)]);
  const fields = Object.fromEntries(hashes) as Record<string, string>;
  const assumed = assumedRead(engine, { ...bundle, at: Date.parse(bundle.at), fields });
  const { state } = assumed;
  const worst = { ...assumed, state: { ...state, unknown: state.intended } };
  const outcome = await takeOverRead(engine, bundle.rollout, worst, request, bundle, () =>
    Promise.resolve(worst),
  );
  if (outcome === "taken") throw new Error(`${bundle.rollout} is being undone by another process`);
  return outcome;
}

/** Writes what a later takeover of this rollout reads, and only the bundle still has: the plan, and the bundle itself. */
async function restorePlan(engine: Engine, bundle: Bundle): Promise<void> {
  const folder = join(engine.evidence, bundle.rollout);
  const plan = { digest: bundle.digest, plan: bundle.plan };
  const write = (name: string, value: unknown, mode: number): Promise<void> =>
    engine.writeEvidence(join(folder, name), `${JSON.stringify(value, null, 2)}\n`, mode);
  await write(BUNDLE, bundle, 0o600);
  await write("plan.json", plan, 0o644);
}
