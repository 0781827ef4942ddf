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
/** Off by no more than what floating point makes of a fraction. */
const EXACT = 1e-9;

/**
 * Whole weights for each server of two groups of which one gets `share` percent of the requests together: 5 % of one
 * canary beside two stable servers is 4 beside 38 and 38. Where no weights up to `most` come to exactly that share, the
 * closest are taken, and refused where they are more than a hundredth off.
 */
export function splitWeights(share: Percent, counts: Counts, most: number): Answer<SplitWeights> {
  // share : 100 - share = canary * x : stable * y
  const canary = share * counts.stable;
  const stable = (100 - share) * counts.canary;
  const ratio = Math.min(canary, stable) / Math.max(canary, stable);
  let best = { large: 1, small: 0, off: ratio === 0 ? 0 : 1 };
  for (let large = 1; large <= most && best.off > EXACT; large += 1) {
    const small = Math.max(1, Math.round(large * ratio));
    const off = Math.abs(small / large / ratio - 1);
    if (off < best.off || best.small === 0) best = { large, small, off };
  }
  const { large, small } = best;
  const weights =
    canary < stable ? { canary: small, stable: large } : { canary: large, stable: small };
  if (best.off <= TOLERANCE) return ok(asPercents(weights, counts));
  const near = shareOf(weights, counts);
  const use = near < 50 ? Number(near.toPrecision(3)) : 100 - Number((100 - near).toPrecision(3));
  return failed(
    `weights go up to ${most}, which is too coarse for ${share} % over ${counts.canary} canary and ${counts.stable} stable servers: use ${Number(use.toFixed(6))} %`,
  );
}

function shareOf({ canary, stable }: SplitWeights, counts: Counts): Percent {
  const part = canary * counts.canary;
  return (100 * part) / (part + stable * counts.stable);
}

/** 1 beside 19 as 5 beside 95: the same share, and what a person would write. */
function asPercents({ canary, stable }: SplitWeights, counts: Counts): SplitWeights {
  const times = Math.max(1, Math.floor(100 / (canary * counts.canary + stable * counts.stable)));
  return { canary: canary * times, stable: stable * times };
}
