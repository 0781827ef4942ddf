import { fork } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { join } from "node:path";

import { expect, test } from "vitest";

import type { Share } from "../simulation/play-share.ts";
import { addTally, createTally, ENDS, FAULTS, showTally, type Tally } from "../simulation/tally.ts";

const RUNS = Number(process.env["CANARY_SIMULATIONS"] ?? 1_000_000);
const SEED = Number(process.env["CANARY_SIMULATION_SEED"] ?? 1);
const WORKERS = Math.min(availableParallelism(), RUNS);
const PLAY = join(import.meta.dirname, "../simulation/play-share.ts");
const EVERY = 500;
/** Runs between two lines of progress. */
const PROGRESS = 10_000;
/** After so many broken runs nobody reads more. */
const ENOUGH = 20;

test(`${RUNS} simulated rollouts from seed ${SEED} keep every rule`, { timeout: 0 }, async () => {
  const sum = createTally();
  const began = Date.now();
  let shown = 0;
  await Promise.all(
    Array.from({ length: WORKERS }, (_, worker) =>
      playShare(shareOf(worker), (tally) => {
        addTally(sum, tally);
        for (const broken of tally.broken) process.stdout.write(`BROKEN ${broken}\n`);
        if (sum.runs - shown < PROGRESS && sum.runs < RUNS) return true;
        shown = sum.runs;
        const seconds = Math.round((Date.now() - began) / 1000);
        process.stdout.write(`${seconds} s, ${sum.broken.length} broken: ${showTally(sum)}`);
        return sum.broken.length < ENOUGH;
      }),
    ),
  );
  expect(sum.broken.map((broken) => broken.split("\n", 1)[0])).toEqual([]);
  expect(sum.runs).toBe(RUNS);
  expect([...sum.ends.keys()]).toEqual(expect.arrayContaining(ENDS));
  expect([...sum.faults.keys()]).toEqual(expect.arrayContaining(Object.values(FAULTS)));
});

/** Seeds are dealt in turn: worker 0 has the first, worker 1 the second, and so on. */
function shareOf(worker: number): Share {
  const count = Math.ceil((RUNS - worker) / WORKERS);
  return { first: SEED + worker, step: WORKERS, count, every: EVERY };
}

/** Plays a share in a process of its own; `onTally` says whether to go on. */
async function playShare(share: Share, onTally: (tally: Tally) => boolean): Promise<void> {
  const child = fork(PLAY, [JSON.stringify(share)], {
    serialization: "advanced",
    execArgv: ["--max-semi-space-size=64"],
  });
  child.on("message", (tally: Tally) => {
    if (!onTally(tally)) child.kill();
  });
  const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
  if (code !== 0 && signal !== "SIGTERM")
    throw new Error(`a process of the simulation left with ${code ?? signal}`);
}
