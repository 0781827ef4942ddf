import type { Counts } from "./judge/rate-test.ts";
import type { Sample } from "./sample.ts";

/**
 * The events of requests behind a share, as evidence weighs them: what was really seen, where the source tells. More
 * events than requests are as many as they are: a canary that does nothing but fail must not be passed over because its
 * two sums differ in their last digit. Null for what counts nothing.
 */
export function countsOfSample(sample: Sample): Counts | null {
  if (sample.kind !== "value") return null;
  const { value, samples, seen } = sample;
  if (typeof value !== "number" || samples === null || value < 0) return null;
  return seen ?? { events: value * samples, total: samples };
}
