import { join } from "node:path";

import type { Plan } from "../core/plan.ts";
import { digestPlan } from "../plan/digest.ts";
import { trustedBundle, type Bundle } from "./bundle.ts";
import type { Engine } from "./ports.ts";
import { parseBundle, readBundle } from "./read-bundle.ts";
import { readRollout, type RolloutRead } from "./read-rollout.ts";
import { BUNDLE } from "./write-bundle.ts";

/** What a takeover works from. */
export interface Copies {
  readonly engine: Engine;
  readonly read: RolloutRead;
  readonly bundle: Bundle | null;
  /** Files that are not what the rollout wrote, and what stands in for them, in words. */
  readonly changed: readonly string[];
  /** Whether the plan is the one that was started; false where no copy of that is left. */
  readonly isPlanIntact: boolean;
}

/** The hash that a claim names its plan by; what is none names nothing. */
const DIGEST = /^[\da-f]{64}$/u;

/**
 * Looks whether plan.json and rollback.json are what the journal says that the rollout began with: where one was changed since,
 * an intact copy stands in, from the bundle or from the second one of this machine. Nothing on the disk is changed: it is
 * evidence of the change.
 */
export async function intactCopies(
  engine: Engine,
  rollout: string,
  read: RolloutRead,
  withBundle: Bundle | null,
): Promise<Copies> {
  const own =
    withBundle ??
    (await readBundle(engine.evidence, rollout, engine.readEvidence).catch(() => null));
  const digest = claimedDigest(read);
  const isPlanIntact = digest === null || isOf(digest, read.plan);
  const isBundleIntact = own === null || isTrue(own, rollout, read);
  if (isPlanIntact && isBundleIntact)
    return { engine, read, bundle: own, changed: [], isPlanIntact };
  const second = await secondCopy(engine, rollout);
  const changed: string[] = [];
  let bundle = own;
  if (!isBundleIntact && second !== null && isTrue(second, rollout, read)) {
    bundle = second;
    changed.push(`${BUNDLE} was changed: the second copy of this machine stands in`);
  }
  if (isPlanIntact || digest === null) return { engine, read, bundle, changed, isPlanIntact };
  const plan = [own, second].find((copy) => copy !== null && isOf(digest, copy.plan))?.plan;
  if (plan === undefined) {
    changed.push("plan.json was changed since the start, and no intact copy of it is left");
    return { engine, read, bundle, changed, isPlanIntact: false };
  }
  changed.push("plan.json was changed since the start: the copy in the rollback bundle stands in");
  const using = withPlan(engine, rollout, { digest, plan });
  const again = await readRollout(using.store, using.evidence, rollout, using.readEvidence);
  if ("missing" in again) throw new Error(again.missing);
  return { engine: using, read: again, bundle, changed, isPlanIntact: true };
}

function claimedDigest({ entries }: RolloutRead): string | null {
  for (const { event } of entries)
    if (event.kind === "claimed") return DIGEST.test(event.digest) ? event.digest : null;
  return null;
}

function isOf(digest: string, plan: Plan): boolean {
  try {
    return digestPlan(plan) === digest;
  } catch {
    return false;
  }
}

/** Whether a bundle holds every value that the journal says was captured. */
function isTrue(bundle: Bundle, rollout: string, { entries }: RolloutRead): boolean {
  if (bundle.rollout !== rollout) return false;
  const captured = entries.flatMap(({ event }) =>
    event.kind === "baseline-captured" ? [event.fields] : [],
  );
  return trustedBundle(bundle, Object.assign({}, ...captured)).changed.length === 0;
}

async function secondCopy(engine: Engine, rollout: string): Promise<Bundle | null> {
  try {
    const text = await engine.records?.keptBundle(rollout);
    return text === undefined || text === null ? null : parseBundle(text);
  } catch {
    return null;
  }
}

/** Reads the plan as it was, wherever the engine reads it. */
function withPlan(engine: Engine, rollout: string, stored: unknown): Engine {
  const path = join(engine.evidence, rollout, "plan.json");
  const text = JSON.stringify(stored);
  return {
    ...engine,
    readEvidence: (asked) => (asked === path ? Promise.resolve(text) : engine.readEvidence(asked)),
  };
}
