import type { Millis } from "./units.ts";

/** The comparison operators of the condition language. */
export type Operator = "<" | "<=" | ">" | ">=" | "==" | "!=";

/** What a relative limit refers to: the values captured before the rollout, or the stable arm right now. */
export type Reference = "baseline" | "stable";

/**
 * The right side of a metric condition, in the metric's base unit (seconds, ratio 0..1, per second, count).
 * `relative` multiplies the reference (`1.2x baseline` is 1.2, `baseline - 5%` is 0.95);
 * `offset` adds to it (`baseline - 5pp` is -0.05).
 */
export type Limit =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "relative"; readonly to: Reference; readonly factor: number }
  | { readonly kind: "offset"; readonly to: Reference; readonly add: number };

/** The window of `metric over …`; absent means the metric's own window. */
export type Over =
  | { readonly kind: "window"; readonly ms: Millis }
  | { readonly kind: "stage" }
  | { readonly kind: "rollout" };

/** The text of a gate, trigger, verification or `unless`, parsed. `text` is what the author wrote. */
export type Condition =
  | {
      readonly kind: "metric";
      readonly text: string;
      readonly metric: string;
      readonly over: Over | null;
      readonly operator: Operator;
      readonly limit: Limit;
      /** The condition must have held this long, judged at every tick; 0 means at once. */
      readonly for: Millis;
    }
  | {
      readonly kind: "check";
      readonly text: string;
      readonly check: string;
      readonly wants: "passes" | "fails";
    }
  | { readonly kind: "confirmed"; readonly text: string; readonly check: string }
  | {
      readonly kind: "all" | "any";
      readonly text: string;
      readonly of: readonly Condition[];
      readonly for: Millis;
    };
