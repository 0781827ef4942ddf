import type { Sample } from "../../core/sample.ts";
import { errorSample } from "./sample-of.ts";

export interface Share {
  readonly side: "bad" | "good";
  readonly part: number;
  readonly total: number;
  /** How many observations `total` stands for; null where that cannot be said. */
  readonly samples: number | null;
}

/** Two sums of the same floats in another order may differ by this much. */
const ROUNDING = 1e-9;

/**
 * The share of a part in a whole, 0 to 1. None of nothing is inconclusive, never 0: the source lives, and had no traffic. More bad than total can only fail a gate, so it
 * stays a value; more good than total could only pass one, so it is an error: the two do not count the same thing.
 */
export function shareSample({ side, part, total, samples }: Share): Sample {
  if (part < 0 || total < 0)
    return errorSample(`\`${part < 0 ? side : "total"}\` is negative: it must count something`);
  if (total === 0)
    return part === 0
      ? {
          kind: "inconclusive",
          why: "`total` is 0: there was nothing to judge",
          observedAt: null,
        }
      : errorSample(`\`${side}\` is ${part} of a \`total\` of 0: they do not count the same thing`);
  const ratio = part / total;
  if (side === "good" && ratio > 1 + ROUNDING)
    return errorSample(
      `\`good\` is more than \`total\` (${part} of ${total}): they do not count the same thing`,
    );
  return {
    kind: "value",
    value: side === "good" ? Math.min(1, ratio) : ratio,
    samples: samples === null ? null : Math.round(samples),
    observedAt: null,
  };
}
