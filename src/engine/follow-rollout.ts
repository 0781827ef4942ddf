import type { End } from "../core/ending.ts";
import { lastOwner } from "./last-owner.ts";
import type { Engine } from "./ports.ts";
import { rolloutReader } from "./read-rollout.ts";
import { sleep } from "./sleep.ts";
import { watchRunner } from "./watch-runner.ts";

const PAUSE = 500;
/** Reads of the store that may fail in a row before a follower gives up. */
const FAILURES = 60;

export type Followed =
  | { readonly kind: "end"; readonly end: End }
  /** The epoch that took over fell silent itself. */
  | { readonly kind: "silent"; readonly epoch: number }
  | { readonly kind: "lost"; readonly why: string };

/** Follows a rollout that another process owns, to its end. Shows its events on the way; writes nothing. */
export async function followRollout(engine: Engine, rollout: string): Promise<Followed> {
  let failures = 0;
  let shown = 0;
  let lost: number | null = null;
  const runner = watchRunner(engine, rollout);
  const readAgain = rolloutReader(engine.store, engine.evidence, rollout, engine.readEvidence);
  for (;;) {
    try {
      const read = await readAgain();
      if ("missing" in read) return { kind: "lost", why: read.missing };
      failures = 0;
      if (shown === 0) shown = read.entries.filter(({ epoch }) => epoch < read.epoch).length;
      for (const entry of read.entries.slice(shown)) engine.observe(entry, "");
      shown = read.entries.length;
      const { phase } = read.state;
      if (phase.kind === "ended") return { kind: "end", end: phase.end };
      // A process that is done is gone too: only one that is gone and left no end, read after that, fell silent.
      if (lost === read.epoch) return { kind: "silent", epoch: read.epoch };
      lost =
        (await runner.look(read.epoch, lastOwner(read.entries))) === "lost" ? read.epoch : null;
      if (lost !== null) continue;
    } catch (error) {
      failures += 1;
      if (failures > FAILURES)
        return { kind: "lost", why: error instanceof Error ? error.message : String(error) };
    }
    await sleep(engine.clock, PAUSE);
  }
}
