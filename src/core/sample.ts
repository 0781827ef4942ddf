import type { Millis, WallTime } from "./units.ts";

/**
 * What one query to a metric source gave. A value is finite and single; everything else says why there is none.
 * `samples` is the number of observations behind the value, where the query can count them.
 */
export type Sample =
  | {
      readonly kind: "value";
      readonly value: number | boolean;
      readonly samples: number | null;
      /** What was really seen, where `value` and `samples` are only about it: sources extrapolate. This is what evidence weighs. */
      readonly seen?: { readonly events: number; readonly total: number };
      /** When the source says that the value was observed; null where it does not say. */
      readonly observedAt: WallTime | null;
      /** What it counted, in words, where the source can say: alerts by name; personal data by place, never as it is. */
      readonly finds?: readonly string[];
    }
  /** The source counted, and counted nothing: a service without traffic, of which nobody is blind. */
  | {
      readonly kind: "inconclusive";
      readonly why: string;
      readonly observedAt: WallTime | null;
    }
  | { readonly kind: "noData"; readonly why: string }
  | { readonly kind: "stale"; readonly why: string; readonly age: Millis }
  | { readonly kind: "error"; readonly why: string };

/** The six results of judging a condition once. `noData`, `stale` and `error` are blind; none of them ever promotes. */
export type Outcome = "pass" | "fail" | "inconclusive" | "noData" | "stale" | "error";

/** Whether an outcome says nothing about the service at all. */
export function isBlind(outcome: Outcome | "warming" | "waiting"): boolean {
  return outcome === "noData" || outcome === "stale" || outcome === "error";
}
