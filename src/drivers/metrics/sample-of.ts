import type { Sample } from "../../core/sample.ts";
import type { WallTime } from "../../core/units.ts";

/** Why there is no value. */
export type NoValue = Exclude<Sample, { kind: "value" }>;

/** The source could not be asked, or its answer is not one. */
export function errorSample(why: string): NoValue {
  return { kind: "error", why };
}

/** The source was asked and has nothing to say. */
export function noDataSample(why: string): NoValue {
  return { kind: "noData", why };
}

/** A sample with the time of its source; what is neither value nor count has none. */
export function observedAs(sample: Sample, observedAt: WallTime | null): Sample {
  return sample.kind === "value" || sample.kind === "inconclusive"
    ? { ...sample, observedAt }
    : sample;
}

/** What went wrong, in the words of whatever was thrown. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
