import { join } from "node:path";

import type { Event } from "../core/event.ts";
import { replay } from "../core/replay.ts";
import { hashValue } from "../evidence/hash-value.ts";
import type { Bundle } from "./bundle.ts";
import type { Engine, JournalEntry, Outcome } from "./ports.ts";
import { readBundleFile } from "./read-bundle.ts";
import { readRollout, type RolloutRead } from "./read-rollout.ts";
import { takeOver, takeOverRead, type TakeOverRequest } from "./take-over.ts";
import { BUNDLE } from "./write-bundle.ts";

/** Far above any epoch that an unreachable journal may have reached, so that the fence in the targets lets the undo through. */
const STRAY_EPOCH = 1000;

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
  const worst = assumed(engine, bundle);
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

/** The journal that the rollout had at worst: every action was begun, and nobody knows how it ended. */
function assumed(engine: Engine, bundle: Bundle): RolloutRead {
  const { plan } = bundle;
  const entries = assumedEvents(engine, bundle).map((event, index): JournalEntry => ({
    at: Date.parse(bundle.at),
    mono: 0,
    epoch: bundle.epoch,
    actor: engine.by,
    seq: index + 1,
    event,
  }));
  const state = replay(plan, entries);
  return {
    plan,
    digest: bundle.digest,
    entries,
    state: { ...state, unknown: state.intended },
    epoch: STRAY_EPOCH,
    lastLine: null,
    problems: [],
    unclaimed: [],
  };
}

function assumedEvents(engine: Engine, bundle: Bundle): readonly Event[] {
  const { plan } = bundle;
  const actions = [...plan.stages.flatMap((stage) => stage.actions), ...plan.finish];
  const hashes = bundle.fields.map(({ field, baseline }) => [field.key, hashValue(baseline)]);
  return [
    {
      kind: "claimed",
      rollout: bundle.rollout,
      plan: plan.name,
      digest: bundle.digest,
      mode: "start",
      cause: null,
      by: engine.by,
      owner: bundle.owner,
      end: null,
    },
    {
      kind: "baseline-captured",
      effect: `${bundle.epoch}.2`,
      problems: [],
      locked: false,
      fields: Object.fromEntries(hashes) as Record<string, string>,
      metrics: {},
    },
    ...actions.map((action): Event => ({
      kind: "action-intended",
      effect: "",
      action: action.id,
      fields: {},
    })),
  ];
}
