import type { Run } from "./run.ts";
import { sleep } from "./sleep.ts";

/** How long a disk is asked for the heads, in milliseconds: they only add to what the targets say. */
const ASKED = 2000;

/** How many lines of the earlier epochs were there once, and were not read, by what counts them; 0 too where nobody can tell. */
export async function linesLost({
  engine,
  rollout,
  epoch,
  lastLines,
  linesGone,
}: Run): Promise<number> {
  if (engine.signedHeads === undefined) return linesGone;
  const heads = await Promise.race([
    engine.signedHeads(rollout).catch(() => null),
    sleep(engine.clock, ASKED),
  ]);
  const beyond = (heads ?? []).map((head) => {
    const last = lastLines.get(head.epoch);
    return head.epoch >= epoch || last === undefined ? 0 : head.seq - last;
  });
  return Math.max(linesGone, ...beyond);
}
