import { setTimeout as sleep } from "node:timers/promises";

import { exitCode } from "../core/ending.ts";
import type { Place } from "./known-evidence.ts";
import { hasNoRunner, postWord, type Said, type Signing } from "./post-word.ts";
import { tell } from "./print.ts";
import { readRolloutAt } from "./read-rollout-at.ts";
import { UsageError } from "./usage-error.ts";

/** How often it looks, and how long a journal that stands still is believed in, in milliseconds. */
const LOOK = 500;
const STILL = 30_000;

/**
 * Promotes each time the rollout waits for a word: every gate is green by then. Stays until the rollout ends, and gives the
 * exit code of its end. It never skips a gate, and answers nothing but a wait.
 */
export async function promoteAuto(place: Place, said: Said, signing: Signing): Promise<number> {
  const answered = new Set<string>();
  let seen = 0;
  let moved = performance.now();
  for (;;) {
    const read = await readRolloutAt(place);
    const { phase, hold } = read.state;
    if (phase.kind === "ended") {
      tell(`rollout ${place.id} ended: ${phase.end.kind}`);
      return exitCode(phase.end);
    }
    if (hold?.kind === "waiting" && !answered.has(hold.id)) {
      answered.add(hold.id);
      tell(`${hold.why}; ${await postWord(place, said, signing)}`);
    }
    if (read.entries.length !== seen) moved = performance.now();
    seen = read.entries.length;
    if (performance.now() - moved > STILL) {
      if (await hasNoRunner(place, read))
        throw new UsageError(
          `the runner of ${place.id} is gone: nothing goes on`,
          `to run it on: canary resume ${place.id}`,
        );
      moved = performance.now();
    }
    await sleep(LOOK);
  }
}
