import { setTimeout as sleep } from "node:timers/promises";

import type { Owner } from "../core/event.ts";
import type { Store } from "../store/store.ts";
import { watchRunner } from "./watch-runner.ts";

const PAUSE = 600;

/** Whether the owner of an epoch is gone; waits until its heartbeat says so one way or the other. */
export async function isRunnerLost(
  store: Store,
  rollout: string,
  epoch: number,
  owner: Owner | null,
): Promise<boolean> {
  const watch = watchRunner(store, rollout);
  for (;;) {
    const seen = await watch.look(epoch, owner);
    if (seen !== "unsure") return seen === "lost";
    await sleep(PAUSE);
  }
}
