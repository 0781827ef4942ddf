import { setTimeout as sleep } from "node:timers/promises";

import type { Json } from "../../core/units.ts";
import type { RolloutRead } from "../../engine/read-rollout.ts";
import type { ActiveRollout, Ask, Rollouts } from "../../serve/ports.ts";
import { activePlaces } from "../find-rollout.ts";
import { knownPlaces, type Place } from "../known-evidence.ts";
import { readRolloutAt } from "../read-rollout-at.ts";
import { stateOf } from "../summarize.ts";
import { handAbort } from "./hand-abort.ts";

/** How long a list of rollouts may take before what was known last is used, in milliseconds. */
const LIST_WITHIN = 3000;

/** How many of the newest rollouts are looked through for a version. */
const MOST = 200;

/** The rollouts that are known on this machine. `evidence` as of `--evidence`. */
export function servedRollouts(evidence: string | undefined): Rollouts {
  let known: readonly ActiveRollout[] | null = null;
  const list = async (): Promise<readonly ActiveRollout[]> => {
    known = await Promise.all((await activePlaces(evidence)).map(describe));
    return known;
  };
  // Read once beforehand: with the store gone when an abort comes, it is what there is to go by.
  const first = list().catch(() => null);
  return {
    active: async () => {
      await first;
      const fresh = await Promise.race([
        list().catch(() => null),
        sleep(LIST_WITHIN, null, { ref: false }),
      ]);
      if (fresh !== null) return fresh;
      if (known === null) throw new Error("the rollouts can not be listed");
      return known;
    },
    abort: (rollout, reason, by) => handAbort({ rollout, reason, by, evidence }),
    status: async (ask) => {
      if (ask.rollout === null && ask.version === null) return { active: await list() };
      const found = await find(ask, evidence);
      return found === null ? null : statusOf(found);
    },
    metrics: async (ask) => {
      const found = await find(ask, evidence);
      return found === null ? null : { ...statusOf(found), metrics: metricsOf(found.read) };
    },
  };
}

interface Found {
  readonly place: Place;
  readonly read: RolloutRead;
}

/** The newest rollout that is meant; without id and version the newest of all. */
async function find(ask: Ask, evidence: string | undefined): Promise<Found | null> {
  const places = await knownPlaces(evidence);
  for (const place of places.slice(0, MOST)) {
    if (ask.rollout !== null && ask.rollout !== place.id) continue;
    const read = await readRolloutAt(place).catch(() => null);
    if (read === null) continue;
    if (ask.version === null || versionOf(read) === ask.version) return { place, read };
  }
  return null;
}

async function describe(place: Place): Promise<ActiveRollout> {
  const read = await readRolloutAt(place).catch(() => null);
  return {
    id: place.id,
    plan: read?.plan.name ?? "?",
    version: read === null ? null : versionOf(read),
  };
}

function versionOf({ plan }: RolloutRead): string | null {
  const version = plan.params["version"];
  return version === undefined
    ? null
    : typeof version === "string"
      ? version
      : JSON.stringify(version);
}

function statusOf({ place, read }: Found): Readonly<Record<string, unknown>> {
  const { state, plan } = read;
  return {
    rollout: place.id,
    plan: plan.name,
    version: versionOf(read),
    ...stateOf(state),
    stage: plan.stages[state.stage]?.name ?? null,
    share: state.share,
    hold: state.hold,
    cause: state.cause,
    epoch: read.epoch,
  };
}

/** What was measured last, by what was asked. A value in the base unit of its metric. */
function metricsOf({ plan, entries }: RolloutRead): Readonly<Record<string, unknown>> {
  const latest: Record<string, Json> = {};
  for (const { at, event } of entries) {
    if (event.kind !== "measured") continue;
    const name = event.key.split(/[@ ]/u, 1)[0] ?? event.key;
    const unit = plan.metrics[name]?.unit ?? null;
    const { sample } = event;
    latest[event.key] =
      sample.kind === "value"
        ? {
            value: sample.value,
            unit,
            samples: sample.samples,
            measuredAt: new Date(at).toISOString(),
          }
        : { value: null, unit, why: sample.why, measuredAt: new Date(at).toISOString() };
  }
  return latest;
}
