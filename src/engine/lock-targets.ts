import type { State } from "../core/state.ts";
import type { WallTime } from "../core/units.ts";
import type { Engine } from "./ports.ts";
import { readRollout } from "./read-rollout.ts";

export interface Locks {
  readonly problems: readonly string[];
  /** By target: the rollout that ended without giving it back. Its baseline is still the one to return to. */
  readonly inherited: ReadonlyMap<string, Place>;
}

/** A rollout and the folder of its evidence's parent. */
export interface Place {
  readonly rollout: string;
  readonly evidence: string;
}

/** A target and the rollout that has a claim on it. */
export interface Holder {
  readonly target: string;
  readonly holder: string;
}

/** Claims every target for this rollout. There is no release: a claim is over when its rollout's journal says so. */
export async function lockTargets(
  engine: Engine,
  rollout: string,
  targets: readonly string[],
): Promise<Locks> {
  const problems: string[] = [];
  const inherited = new Map<string, Place>();
  for (const target of targets) {
    for await (const { holder, evidence, standing } of holdersOf(engine, rollout, target)) {
      if (standing === "active") {
        problems.push(
          `${target} is held by rollout ${holder}: canary status ${holder}, or canary abort ${holder} --reason …; ` +
            `if it was put right by hand or from elsewhere, canary unlock ${holder} --reason …`,
        );
        break;
      }
      if (standing === "unfinished") inherited.set(target, { rollout: holder, evidence });
      if (standing === "promoted" || standing === "rolled-back") inherited.delete(target);
    }
  }
  return { problems, inherited };
}

/**
 * Claims the targets of an ended rollout again, so that it can be undone: not when a later one changed them.
 * Answers who did, or null when all is claimed.
 */
export async function relockTargets(
  engine: Engine,
  rollout: string,
  targets: readonly string[],
): Promise<Holder | null> {
  for (const target of targets) {
    for await (const { holder, standing } of holdersOf(engine, rollout, target)) {
      if (holder < rollout || standing === "untouched" || standing === "rolled-back") continue;
      return { target, holder };
    }
  }
  return null;
}

interface Holding {
  readonly holder: string;
  readonly evidence: string;
  readonly standing: Standing;
}

type Standing = "active" | "promoted" | "rolled-back" | "untouched" | "unfinished";

/** The other rollouts with a claim on a target, in order; ends when the target is claimed for this one. */
async function* holdersOf(
  engine: Engine,
  rollout: string,
  target: string,
): AsyncGenerator<Holding> {
  let after = 0;
  for (;;) {
    const result = await engine.store.lock(target, rollout, after);
    if (result.kind === "held") return;
    after = result.n;
    if (result.holder === rollout) continue;
    const { holder, where } = result;
    const there = where === engine.store.where ? engine : { ...engine, ...engine.elsewhere(where) };
    yield { holder, evidence: there.evidence, standing: await standingOf(there, holder) };
  }
}

async function standingOf(engine: Engine, rollout: string): Promise<Standing> {
  const here = await seenIn(engine, rollout);
  if (here.standing !== "active" && here.standing !== "unfinished") return here.standing;
  // An abort from its bundle may have ended it in another folder, where its own was out of reach.
  for (const where of (await engine.records?.placesOf(rollout)) ?? []) {
    if (where === engine.store.where) continue;
    const there = { ...engine, ...engine.elsewhere(where) };
    const seen = await seenIn(there, rollout).catch(() => here);
    // A runner that stood still meanwhile may have been thawed: what it wrote since is nobody's yet.
    if (seen.standing === "rolled-back" && seen.last > here.last) return "rolled-back";
  }
  return here.standing;
}

interface Seen {
  readonly standing: Standing;
  /** When the last line of its journal was written. */
  readonly last: WallTime;
}

async function seenIn(engine: Engine, rollout: string): Promise<Seen> {
  const { store, evidence, readEvidence } = engine;
  const read = await readRollout(store, evidence, rollout, readEvidence);
  if ("missing" in read) {
    // A journal without its plan cannot be replayed: whether it ended is unknown, and unknown is not free.
    // The same where the whole folder is gone, and the bundle was never given up.
    const isOpen = read.began || (await engine.records?.hasBundle(rollout)) === true;
    return { standing: isOpen ? "active" : "untouched", last: 0 };
  }
  return { standing: standingAt(read.state), last: read.entries.at(-1)?.at ?? 0 };
}

function standingAt({ phase }: State): Standing {
  if (phase.kind !== "ended") return "active";
  switch (phase.end.kind) {
    case "promoted":
    case "rolled-back":
      return phase.end.kind;
    case "refused":
      return "untouched";
    case "halted":
    case "rollback-failed":
      return "unfinished";
  }
}
