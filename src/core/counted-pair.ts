import type { Condition } from "./condition.ts";
import { countsOfSample } from "./counts-of-sample.ts";
import { isOfStage } from "./is-of-stage.ts";
import type { Counts } from "./judge/rate-test.ts";
import { measurementKey } from "./measurements.ts";
import { askedAt, type Measured, type State } from "./state.ts";
import type { Millis, MonoTime, WallTime } from "./units.ts";

/** What one arm gave in a window. */
export interface Counted {
  readonly value: number;
  readonly samples: number | null;
  /** Events of requests; null where the value is no part of what was counted. */
  readonly counts: Counts | null;
}

/** What both arms gave in a window of their own, and when that ended. */
export interface Pair extends Required<LastCounted> {
  readonly canary: Counted;
  readonly stable: Counted;
}

/** The window that was counted last. */
export interface LastCounted {
  /** Its end: the next one begins here or later, so that nothing is counted twice. */
  readonly until: MonoTime;
  /** When the source of either arm observed it, where that says so: what it repeats is counted once. */
  readonly observedAt?: { readonly canary: WallTime | null; readonly stable: WallTime | null };
}

interface Bounds {
  /** Nothing from before this stage is counted. */
  readonly clock: MonoTime;
  readonly window: Millis;
  /** Undefined before the first. */
  readonly last: LastCounted | undefined;
}

type Asked = Pick<Extract<Condition, { kind: "metric" }>, "metric" | "over">;

/** The answers of both arms, if both are numbers of windows that were not counted yet, and lie within the stage. */
export function nextPair(
  samples: State["samples"],
  { metric, over }: Asked,
  { clock, window, last }: Bounds,
): Pair | null {
  const canary = samples[measurementKey(metric, over)];
  const stable = samples[measurementKey(metric, over, "stable")];
  if (canary === undefined || stable === undefined || window <= 0) return null;
  const from = Math.max(clock, last?.until ?? clock);
  if (Math.min(askedAt(canary), askedAt(stable)) < from + window) return null;
  if (!isOfStage(canary, clock, window) || !isOfStage(stable, clock, window)) return null;
  const [ofCanary, ofStable] = [countedOf(canary), countedOf(stable)];
  if (ofCanary === null || ofStable === null) return null;
  const observedAt = { canary: observedOf(canary), stable: observedOf(stable) };
  const before = last?.observedAt;
  if (isRepeated(observedAt.canary, before?.canary)) return null;
  if (isRepeated(observedAt.stable, before?.stable)) return null;
  const until = Math.max(endOf(canary, window), endOf(stable, window));
  return { canary: ofCanary, stable: ofStable, until, observedAt };
}

function observedOf({ sample }: Measured): WallTime | null {
  return sample.kind === "value" ? sample.observedAt : null;
}

function isRepeated(now: WallTime | null, before: WallTime | null | undefined): boolean {
  return now !== null && now === before;
}

function countedOf({ sample }: Measured): Counted | null {
  if (sample.kind !== "value" || typeof sample.value !== "number") return null;
  const { value, samples } = sample;
  return { value, samples, counts: countsOfSample(sample) };
}

/**
 * When the window of an answer ended, by our clock: between the question and the answer. A hundredth of the window is not
 * looked at, so that answers that come sooner than those before cost no look.
 */
function endOf(measured: Measured, window: Millis): MonoTime {
  const asked = askedAt(measured);
  return measured.at - asked <= window / 100 ? asked : measured.at;
}
