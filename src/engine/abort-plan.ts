import { join } from "node:path";

import { assumedRead } from "./assumed-read.ts";
import type { Engine, Outcome, PlanSource } from "./ports.ts";
import { readRollout } from "./read-rollout.ts";
import { takeOver, takeOverRead, type TakeOverRequest } from "./take-over.ts";

/** Whoever ran it, it may be anywhere. */
const NOBODY = { host: "", pid: 0, startTime: "", bootId: "" };

/**
 * Goes back from a plan alone, with neither journal nor bundle: every action counts as done, traffic goes to 0 and flags are
 * switched off, and everything else is listed with the value that it has. It is journalled where the engine's evidence is, and
 * the rollout's own journal hears nothing of it.
 */
export async function abortFromPlan(
  engine: Engine,
  { plan, digest }: Pick<PlanSource, "plan" | "digest">,
  rollout: string,
  request: TakeOverRequest,
): Promise<Outcome> {
  const { store, evidence, readEvidence } = engine;
  const before = await readRollout(store, evidence, rollout, readEvidence);
  // An earlier abort from the plan: this one goes on where that stopped.
  if (!("missing" in before)) return takeOver(engine, rollout, request);
  const text = `${JSON.stringify({ digest, plan }, null, 2)}\n`;
  await engine.writeEvidence(join(evidence, rollout, "plan.json"), text, 0o644);
  const known = { rollout, plan, digest, epoch: 1, owner: NOBODY, at: engine.clock.now() };
  const assumed = assumedRead(engine, { ...known, fields: null });
  // Nothing can say that it is restored: waiting for late writes would only delay that.
  const worst = { ...assumed, state: { ...assumed.state, unknown: [] } };
  const outcome = await takeOverRead(engine, rollout, worst, request, null, () =>
    Promise.resolve(worst),
  );
  if (outcome === "taken") throw new Error(`${rollout} is being undone by another process`);
  return outcome;
}
