import { defaultKnobs, type Knobs } from "./knobs.ts";
import { mergeKnobs, type MergedKnobs } from "./merge-knobs.ts";
import type { World } from "./world.ts";

/** Merges `change` into the world's knobs from `now` on (epoch milliseconds); a refused change changes nothing. */
export function setKnobs(world: World, change: unknown, now: number): MergedKnobs {
  const merged = mergeKnobs(world.knobs, change, now);
  if (merged.kind === "merged") putKnobs(world, merged.knobs, now);
  return merged;
}

/** Heals the world: every knob back to its default. */
export function resetKnobs(world: World, now: number): void {
  putKnobs(world, defaultKnobs(), now);
}

function putKnobs(world: World, knobs: Knobs, now: number): void {
  world.knobs = knobs;
  const { canary } = world.traffic.arms;
  canary.deadSince = knobs.deadTarget ? (canary.deadSince ?? now) : null;
  world.frozen = knobs.staleMetrics ? (world.frozen ?? structuredClone(world.traffic)) : null;
}
