import { exitCode } from "../core/ending.ts";
import { afterLoss } from "./after-loss.ts";
import { isRunnerLost } from "./is-runner-lost.ts";
import { lastOwner } from "./last-owner.ts";
import type { Engine, Outcome } from "./ports.ts";
import { readRollout, type RolloutRead } from "./read-rollout.ts";
import { takeOver, type TakeOverRequest } from "./take-over.ts";

export type Reaped =
  | { readonly kind: "over"; readonly exit: number }
  /** Its runner beats. */
  | { readonly kind: "alive" }
  /** Its runner is gone, and a person has to decide. */
  | { readonly kind: "held"; readonly why: string }
  | { readonly kind: "unreadable"; readonly why: string }
  | { readonly kind: "taken"; readonly outcome: Outcome };

/**
 * Does what is to be done for a rollout whose runner is gone, and nothing for one whose runner lives. Waits until the
 * heartbeat tells: up to 10 s on another host, at once on this one. Only a silent epoch is ever claimed.
 */
export async function reapRollout(
  engine: Engine,
  rollout: string,
  ports: Pick<TakeOverRequest, "signals" | "contested" | "tell">,
): Promise<Reaped> {
  const seen = await readRollout(engine.store, engine.evidence, rollout, engine.readEvidence);
  if ("missing" in seen) return { kind: "unreadable", why: seen.missing };
  const { phase } = seen.state;
  if (phase.kind === "ended") return { kind: "over", exit: exitCode(phase.end) };
  if (!(await isRunnerLost(engine, rollout, seen.epoch, lastOwner(seen.entries))))
    return { kind: "alive" };
  return act(engine, rollout, seen, ports);
}

/** What was written until the silence was certain counts: an end, or the claim of another process. */
async function act(
  engine: Engine,
  rollout: string,
  seen: RolloutRead,
  ports: Pick<TakeOverRequest, "signals" | "contested" | "tell">,
): Promise<Reaped> {
  const read = await readRollout(engine.store, engine.evidence, rollout, engine.readEvidence);
  if ("missing" in read) return { kind: "unreadable", why: read.missing };
  const { phase } = read.state;
  if (phase.kind === "ended") return { kind: "over", exit: exitCode(phase.end) };
  if (read.epoch !== seen.epoch) return { kind: "alive" };
  const next = afterLoss(read.plan, read.state);
  if (next.kind === "hold") return { kind: "held", why: next.why };
  const owner = lastOwner(read.entries);
  const who = owner === null ? "its runner" : `its runner (pid ${owner.pid} on ${owner.host})`;
  const outcome = await takeOver(engine, rollout, {
    mode: "rollback",
    cause: { kind: "lost", text: `${who} was lost`, by: engine.by },
    overwrite: false,
    pastIrreversible: false,
    afterPromoted: false,
    ...ports,
  });
  return { kind: "taken", outcome };
}
