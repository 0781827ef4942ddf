import { GUARD_EPOCH } from "../../engine/guard-epoch.ts";
import { sleep } from "../../engine/sleep.ts";
import { systemClock } from "../../engine/system-clock.ts";
import { actingPerson } from "../acting-person.ts";
import { composeStore } from "../compose.ts";
import { activePlaces } from "../find-rollout.ts";
import type { Place } from "../known-evidence.ts";
import { tell } from "../print.ts";
import { reapPlace } from "../reap-place.ts";

interface Options {
  readonly evidence?: string;
  readonly by?: string;
}

/** How often new rollouts are looked for, known ones are looked at, and the guard's own heartbeat counts, in milliseconds. */
const FIND = 1000;
const LOOK = 1000;
const BEAT = 500;

/**
 * Stays, watches every rollout that is active here, and rolls back those whose runner is gone, as their plan says. While it
 * beats, a runner may be detached from. Ends with the first signal; what it was rolling back then is rolled back first.
 */
export async function guard(_args: readonly string[], options: Options): Promise<number> {
  const by = options.by ?? actingPerson();
  const watched = new Map<string, Promise<void>>();
  const stopped = firstSignal();
  tell("guarding every rollout that is active here; Ctrl-C ends the guard, and no rollout");
  while (!stopped.yes()) {
    for (const place of await activePlaces(options.evidence)) {
      if (watched.has(place.id)) continue;
      tell(`${place.id}: guarded`);
      watched.set(
        place.id,
        keep(place, by, stopped.yes).finally(() => watched.delete(place.id)),
      );
    }
    await Promise.race([sleep(systemClock, FIND), stopped.wait]);
  }
  await Promise.all(watched.values());
  return 0;
}

/** Watches one rollout until it is over, was ended here, or the guard stops. */
async function keep(place: Place, by: string, isStopped: () => boolean): Promise<void> {
  const stopBeating = await beat(place);
  let said = "";
  let isOver = false;
  try {
    while (!isStopped()) {
      const { state, text } = await reapPlace(place, by, false);
      // What does not change is said once.
      if (state !== "alive" && text !== said) tell(`${place.id}: ${text}`);
      said = text;
      isOver = state === "over" || state === "taken";
      if (isOver) return;
      await sleep(systemClock, LOOK);
    }
  } finally {
    await stopBeating();
    // A heartbeat that came after the end was tidied up by nobody yet.
    if (isOver) await (await composeStore(place.evidence)).tidy?.(place.id);
  }
}

/** The guard's own heartbeat stands where a runner's would, under the epoch that no runner has. */
async function beat({ id, evidence }: Place): Promise<() => Promise<void>> {
  const store = await composeStore(evidence);
  let counter = await store.readBeat(id, GUARD_EPOCH).catch(() => 0);
  let stop = systemClock.after(0, next);
  let last: Promise<void> = Promise.resolve();
  function next(): void {
    counter += 1;
    last = store.beat(id, GUARD_EPOCH, counter).catch(() => undefined);
    stop = systemClock.after(BEAT, next);
  }
  return () => {
    stop();
    return last;
  };
}

function firstSignal(): { readonly yes: () => boolean; readonly wait: Promise<void> } {
  let come = false;
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(name, () => {
      come = true;
      resolve();
    });
  return { yes: () => come, wait: promise };
}
