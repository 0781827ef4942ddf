import type { Percent } from "../../core/units.ts";
import { failed, ok } from "../answer.ts";
import type { Answer } from "../driver.ts";

export interface Weights {
  readonly canary: number;
  readonly stable: number;
}

/** The largest weight that the Gateway API takes; the others take more. */
const MOST = 1_000_000;

/** A share as two whole weights: 10 % is 10 and 90, 0.5 % is 5 and 995. */
export function shareWeights(share: Percent): Answer<Weights> {
  for (let total = 100; total <= MOST; total *= 10) {
    const canary = Number(((share * total) / 100).toFixed(6));
    if (Number.isInteger(canary)) return ok({ canary, stable: total - canary });
  }
  return failed(`${share} % is finer than a router can weigh: use at most four decimals`);
}
