import { setTimeout as sleep } from "node:timers/promises";

import type { Place } from "./known-evidence.ts";
import { readRolloutAt } from "./read-rollout-at.ts";

const LOOK = 200;

/** Waits until the runner has run a playbook, or gave it up; `from`: where in the journal its word was said. Why not, or null. */
export async function waitForPlaybook(
  place: Place,
  name: string,
  from: number,
): Promise<string | null> {
  for (;;) {
    const { entries, state } = await readRolloutAt(place);
    for (const { event } of entries.slice(from))
      if (event.kind === "playbook-finished" && event.playbook === name) return event.problem;
    if (state.cause !== null) return `the rollout goes back: ${state.cause.text}`;
    if (state.phase.kind === "ended") return "the rollout ended before";
    await sleep(LOOK);
  }
}
