import { join } from "node:path";

import { idle } from "../core/state.ts";
import { createRolloutId } from "../evidence/rollout-id.ts";
import { openEpoch } from "./open-epoch.ts";
import type { Engine, Outcome, PlanSource } from "./ports.ts";
import { runToEnd } from "./run-to-end.ts";
import { plainOptions } from "./run.ts";
import type { SignalPort } from "./signals.ts";
import { takeOver } from "./take-over.ts";

export interface StartOptions {
  /** The id, where it was given out before; without it a new one. */
  readonly rollout?: string;
  readonly signals: SignalPort;
  /** Start from what is live, over what an unfinished rollout captured. */
  readonly acceptLive: boolean;
  /** Told the id before anything is done, so that it can be remembered where `abort` looks. */
  readonly onRollout: (rollout: string) => Promise<void>;
}

/** Starts a rollout and works on it until it ends, whoever ends it. */
export async function startRollout(
  engine: Engine,
  source: PlanSource,
  options: StartOptions,
): Promise<Outcome> {
  const rollout = options.rollout ?? createRolloutId(engine.clock.now());
  const folder = join(engine.evidence, rollout);
  await engine.writeEvidence(join(folder, "plan.yaml"), source.text, 0o644);
  await engine.writeEvidence(
    join(folder, "plan.json"),
    `${JSON.stringify({ digest: source.digest, plan: source.plan }, null, 2)}\n`,
    0o644,
  );
  await options.onRollout(rollout);
  const open = await openEpoch(engine, {
    rollout,
    plan: source.plan,
    digest: source.digest,
    epoch: 1,
    previous: null,
    mode: "start",
    cause: null,
    options: { ...plainOptions, acceptLive: options.acceptLive },
    earlier: () => Promise.resolve({ entries: [], state: idle }),
  });
  if (open === "taken") throw new Error(`rollout ${rollout} exists already`);
  return runToEnd(engine, open, {
    signals: options.signals,
    polls: true,
    takeOverSilent: (cause) =>
      takeOver(engine, rollout, {
        mode: "rollback",
        cause,
        overwrite: false,
        pastIrreversible: false,
        afterPromoted: false,
        signals: options.signals,
      }),
  });
}
