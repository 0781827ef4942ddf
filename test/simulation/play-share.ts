import { createTally, playSeed } from "./tally.ts";

/** The seeds of one process: `count` of them from `first`, `step` apart. It gets them as JSON, and sends its tallies. */
export interface Share {
  readonly first: number;
  readonly step: number;
  readonly count: number;
  /** Runs between two tallies. */
  readonly every: number;
}

const { first, step, count, every } = JSON.parse(process.argv[2] ?? "") as Share;
// What is thrown away by the million needs no stack; the seed plays the same run where it has one.
Error.stackTraceLimit = 0;
// Whoever asked for it is gone.
process.once("disconnect", () => process.exit(1));
let tally = createTally();
for (let run = 0; run < count; run += 1) {
  await playSeed(tally, first + run * step);
  if (tally.runs < every && run < count - 1) continue;
  // The next is played only when this one is told: promises alone never let a message out.
  await new Promise<void>((resolve) => process.send?.(tally, () => resolve()));
  tally = createTally();
}
process.removeAllListeners("disconnect");
process.disconnect();
