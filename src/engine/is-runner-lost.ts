import type { Owner } from "../core/event.ts";
import { sleep } from "./sleep.ts";
import { watchRunner, type RunnerView } from "./watch-runner.ts";

const PAUSE = 600;

/** Whether the owner of an epoch is gone; waits until its heartbeat says so one way or the other. */
export async function isRunnerLost(
  view: RunnerView,
  rollout: string,
  epoch: number,
  owner: Owner | null,
): Promise<boolean> {
  const watch = watchRunner(view, rollout);
  for (;;) {
    const seen = await watch.look(epoch, owner);
    if (seen !== "unsure") return seen === "lost";
    await sleep(view.clock, PAUSE);
  }
}
