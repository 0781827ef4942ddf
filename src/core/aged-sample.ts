import type { Sample } from "./sample.ts";
import type { Millis, WallTime } from "./units.ts";

/** A value, or a count of nothing, that was observed longer ago than `maxAge` is stale: its source goes on answering after its target died. */
export function agedSample(sample: Sample, maxAge: Millis, now: WallTime): Sample {
  if (sample.kind !== "value" && sample.kind !== "inconclusive") return sample;
  if (sample.observedAt === null) return sample;
  const age = now - sample.observedAt;
  return age > maxAge
    ? { kind: "stale", why: `the newest value is ${Math.round(age / 1000)} s old`, age }
    : sample;
}
