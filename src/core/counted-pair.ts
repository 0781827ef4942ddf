import type { Condition } from "./condition.ts";
import type { Counts } from "./judge/rate-test.ts";
import { measurementKey } from "./measurements.ts";
import { askedAt, type Measured, type State } from "./state.ts";
import type { Millis, MonoTime } from "./units.ts";

/** What one arm gave in a window. */
export interface Counted {
  readonly value: number;
  readonly samples: number | null;
  /** Events of requests; null where the value is no part of what was counted. */
  readonly counts: Counts | null;
}

/** What both arms gave in a window of their own, and when that ended. */
export interface Pair {
  readonly canary: Counted;
  readonly stable: Counted;
  readonly until: MonoTime;
}

type Asked = Pick<Extract<Condition, { kind: "metric" }>, "metric" | "over">;

/** The answers of both arms, if both are numbers and their windows begin at `from` or later: no time is counted twice. */
export function nextPair(
  samples: State["samples"],
  { metric, over }: Asked,
  { from, window }: { readonly from: MonoTime; readonly window: Millis },
): Pair | null {
  const canary = samples[measurementKey(metric, over)];
  const stable = samples[measurementKey(metric, over, "stable")];
  if (canary === undefined || stable === undefined || window <= 0) return null;
  if (Math.min(askedAt(canary), askedAt(stable)) < from + window) return null;
  const [ofCanary, ofStable] = [countedOf(canary), countedOf(stable)];
  if (ofCanary === null || ofStable === null) return null;
  const until = Math.max(endOf(canary, window), endOf(stable, window));
  return { canary: ofCanary, stable: ofStable, until };
}

function countedOf({ sample }: Measured): Counted | null {
  if (sample.kind !== "value" || typeof sample.value !== "number") return null;
  const { value, samples } = sample;
  const counts =
    samples === null || !(value >= 0 && value <= 1)
      ? null
      : { events: value * samples, total: samples };
  return { value, samples, counts };
}

/**
 * When the window of an answer ended, by our clock: between the question and the answer. A hundredth of the window is not
 * looked at, so that answers that come sooner than those before cost no look.
 */
function endOf(measured: Measured, window: Millis): MonoTime {
  const asked = askedAt(measured);
  return measured.at - asked <= window / 100 ? asked : measured.at;
}
