import { exitCode, type End } from "../core/ending.ts";
import type { Owner } from "../core/event.ts";
import { replay } from "../core/replay.ts";
import type { Cause } from "../core/state.ts";
import type { Bundle } from "./bundle.ts";
import { differencesFromBaseline } from "./differences-from-baseline.ts";
import { intactCopies, type Copies } from "./intact-copies.ts";
import { relockTargets, type Holder } from "./lock-targets.ts";
import { trust } from "./lost-baseline.ts";
import { openEpoch, type Earlier } from "./open-epoch.ts";
import type { Engine, Outcome } from "./ports.ts";
import { readRollout, type RolloutRead } from "./read-rollout.ts";
import { follow, runToEnd } from "./run-to-end.ts";
import { factsOf, plainOptions } from "./run.ts";
import type { SignalPort } from "./signals.ts";

export interface TakeOverRequest {
  readonly mode: "rollback" | "continue" | "halt";
  /** Why; null for `continue`. */
  readonly cause: Cause | null;
  readonly overwrite: boolean;
  readonly pastIrreversible: boolean;
  /** Undo also what was promoted. */
  readonly afterPromoted: boolean;
  readonly signals: SignalPort;
  /**
   * Given where it could not be found out whether the rollout was given back elsewhere: the claims on its targets decide, so
   * that nothing is undone over a later rollout. Hears why they could not be read.
   */
  readonly contested?: (why: string) => void;
  /** Hears what of the evidence is not what the rollout wrote, and what stands in for it. */
  readonly tell?: (what: string) => void;
}

/** Claims that a taker may lose in a row before it follows the winner. */
const TRIES = 5;

/**
 * Becomes the runner of a rollout: the one mechanism of abort, unlock and the resume of a dead runner. It asks nobody's
 * leave, and it is accepted when its claim is synced. Throws when there is no such rollout.
 */
export async function takeOver(
  given: Engine,
  rollout: string,
  request: TakeOverRequest,
  withBundle: Bundle | null = null,
): Promise<Outcome> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const found = await readRollout(given.store, given.evidence, rollout, given.readEvidence);
    if ("missing" in found) throw new Error(found.missing);
    const copies = await intactCopies(given, rollout, found, withBundle);
    const { engine, read, bundle } = copies;
    if (tries === 0) for (const each of copies.changed) request.tell?.(each);
    if (request.mode === "continue" && !copies.isPlanIntact)
      return { kind: "plan-changed", rollout, exit: 22 };
    const { phase } = read.state;
    if (phase.kind === "ended") {
      const over = await whenEnded(copies, rollout, phase.end, request);
      if (over !== null) return over;
    } else if (tries > 0 && read.state.cause !== null && request.mode === "rollback") {
      break;
    }
    const outcome = await takeOverRead(engine, rollout, read, request, bundle, () =>
      earlierOf(engine, rollout, read.epoch),
    );
    if (outcome !== "taken") return outcome;
  }
  // Somebody else's abort won the claim: it does the same, and twice is once.
  return follow(given, rollout, {
    takeOverSilent: (cause) => takeOver(given, rollout, { ...request, mode: "rollback", cause }),
  });
}

/** Takes over what was read: one claim, and the way back or forward from there. */
export async function takeOverRead(
  engine: Engine,
  rollout: string,
  read: RolloutRead,
  request: TakeOverRequest,
  bundle: Bundle | null,
  earlier: () => Promise<Earlier>,
): Promise<Outcome | "taken"> {
  const holder = await laterHolder(engine, rollout, request, bundle);
  if (holder !== null) return { kind: "locked", exit: 21, ...holder };
  const { overwrite, pastIrreversible } = request;
  const seq = read.entries.at(-1)?.seq ?? 0;
  const open = await openEpoch(engine, {
    rollout,
    plan: read.plan,
    digest: read.digest,
    epoch: read.epoch + 1,
    previous: read.lastLine === null ? null : { seq, line: read.lastLine },
    mode: request.mode,
    cause: request.cause,
    options: { ...plainOptions, overwrite, pastIrreversible },
    earlier,
  });
  if (open === "taken") return "taken";
  // Whoever claimed a target between that look and this claim did not see it; whoever does so now does.
  const overtaken = await laterHolder(engine, rollout, request, bundle);
  if (overtaken !== null) return halt(engine, rollout, request, overtaken);
  const trusted = trust(bundle, rollout, open.earlier);
  open.run.bundle = trusted.bundle;
  open.run.lost = trusted.lost;
  const owners = [...open.owners, ...lostOwners(open.unclaimed, bundle)];
  return runToEnd(
    engine,
    { ...open, owners },
    {
      signals: request.signals,
      polls: true,
      takeOverSilent: (cause) => takeOver(engine, rollout, { ...request, mode: "rollback", cause }),
    },
  );
}

/** Who has a target of a contested rollout since. */
async function laterHolder(
  engine: Engine,
  rollout: string,
  { contested }: TakeOverRequest,
  bundle: Bundle | null,
): Promise<Holder | null> {
  if (contested === undefined) return null;
  const targets = [...new Set(bundle?.fields.map(({ field }) => field.target))];
  try {
    return await relockTargets(engine, rollout, targets);
  } catch (error) {
    contested(error instanceof Error ? error.message : String(error));
    return null;
  }
}

/** Ends the rollout where it is: what it changed is another one's now. */
function halt(
  engine: Engine,
  rollout: string,
  { overwrite, pastIrreversible, afterPromoted, signals }: TakeOverRequest,
  { target, holder }: Holder,
): Promise<Outcome> {
  const text = `rollout ${holder} has ${target} now`;
  const cause = { kind: "abort", text, by: engine.by } as const;
  const asked = { overwrite, pastIrreversible, afterPromoted, signals };
  return takeOver(engine, rollout, { ...asked, mode: "halt", cause });
}

async function earlierOf(engine: Engine, rollout: string, upTo: number): Promise<Earlier> {
  const read = await readRollout(engine.store, engine.evidence, rollout, engine.readEvidence);
  if ("missing" in read) throw new Error(read.missing);
  const entries = read.entries.filter(({ epoch }) => epoch <= upTo);
  const unclaimed = read.unclaimed.filter((epoch) => epoch <= upTo);
  return { entries, state: replay(read.plan, factsOf(entries)), unclaimed };
}

/** Owners of epochs whose claim is lost: the bundle knows one of them, and another one may be anywhere. */
function lostOwners(unclaimed: readonly number[], bundle: Bundle | null): readonly Owner[] {
  const anywhere: Owner = { host: "", pid: 0, startTime: "", bootId: "" };
  return unclaimed.map((epoch) => (bundle?.epoch === epoch ? bundle.owner : anywhere));
}

/** An ended rollout: nothing to do, not allowed, or null when it is to be taken over like any other. */
async function whenEnded(
  { engine, read, bundle }: Copies,
  rollout: string,
  end: End,
  request: TakeOverRequest,
): Promise<Outcome | null> {
  const over = { kind: "over", rollout, end, exit: exitCode(end) } as const;
  if (request.mode !== "rollback" || end.kind === "refused") return { ...over, differences: [] };
  if (end.kind === "rolled-back") {
    const differences = await differencesFromBaseline(engine, read, rollout, bundle);
    return { ...over, differences };
  }
  if (end.kind === "promoted" && !request.afterPromoted)
    return { kind: "needs-consent", rollout, end, exit: 2 };
  const targets = [...new Set(bundle?.fields.map(({ field }) => field.target))];
  const holder = await relockTargets(engine, rollout, targets);
  return holder === null ? null : { kind: "locked", exit: 21, ...holder };
}
