import type { Run } from "./run.ts";
import { sleep } from "./sleep.ts";

/** How long a disk is asked for the heads, in milliseconds: they only add to what the targets say. */
const ASKED = 2000;

/** How many lines of the earlier epochs were signed for and were not read; 0 too where nobody can tell. */
export async function linesLost({ engine, rollout, epoch, lastLines }: Run): Promise<number> {
  if (engine.signedHeads === undefined) return 0;
  const heads = await Promise.race([
    engine.signedHeads(rollout).catch(() => null),
    sleep(engine.clock, ASKED),
  ]);
  const beyond = (heads ?? []).map((head) => {
    const last = lastLines.get(head.epoch);
    return head.epoch >= epoch || last === undefined ? 0 : head.seq - last;
  });
  return Math.max(0, ...beyond);
}
