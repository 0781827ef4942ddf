import type { Percent } from "../../core/units.ts";
import { failed, ok } from "../answer.ts";
import type { Answer } from "../driver.ts";

export interface SplitWeights {
  /** Of each canary server. */
  readonly canary: number;
  /** Of each stable server. */
  readonly stable: number;
}

interface Counts {
  readonly canary: number;
  readonly stable: number;
}

/** How far a share in force may be from the asked one, as a part of the smaller side. */
const TOLERANCE = 0.01;

/**
 * Whole weights for each server of two groups of which one gets `share` percent of the requests together: 5 % of one
 * canary beside two stable servers is 4 beside 38 and 38. Where no weights up to `most` come to exactly that share, the
 * closest are taken, and refused where they are more than a hundredth off.
 */
export function splitWeights(share: Percent, counts: Counts, most: number): Answer<SplitWeights> {
  // share : 100 - share = canary * x : stable * y, in whole numbers: shares have at most six decimals.
  const canary = Math.round(share * 1e6) * counts.stable;
  const stable = Math.round((100 - share) * 1e6) * counts.canary;
  const scale = Math.max(greatestDivisor(canary, stable), Math.max(canary, stable) / most);
  const exact = { canary: canary / scale, stable: stable / scale };
  const weights = { canary: Math.round(exact.canary), stable: Math.round(exact.stable) };
  const side = canary <= stable ? "canary" : "stable";
  if (Math.abs(weights[side] - exact[side]) <= exact[side] * TOLERANCE)
    return ok(asPercents(weights, counts));
  return failed(
    `weights go up to ${most}, which is too coarse for ${share} % over ${counts.canary} canary and ${counts.stable} stable servers: use ${leastShare(share, counts, most)} %`,
  );
}

/** 1 beside 19 as 5 beside 95: the same share, and what a person would write. */
function asPercents({ canary, stable }: SplitWeights, counts: Counts): SplitWeights {
  const times = Math.max(1, Math.floor(100 / (canary * counts.canary + stable * counts.stable)));
  return { canary: canary * times, stable: stable * times };
}

/** The share next to the end that the asked one is close to. */
function leastShare(share: Percent, { canary, stable }: Counts, most: number): Percent {
  if (share < 50) return roundUp((100 * canary) / (canary + most * stable));
  return Number((100 - roundUp((100 * stable) / (stable + most * canary))).toFixed(2));
}

function roundUp(percent: Percent): Percent {
  return Math.ceil(percent * 100) / 100;
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
