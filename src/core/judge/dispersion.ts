import type { Look } from "./rate-test.ts";

/** Windows are joined to blocks of so many, to see bursts that last longer than one of them. */
const SCALES: readonly number[] = [1, 5, 15, 60];
/** Fewer blocks than this say nothing of a variance. */
const LEAST = 20;

/**
 * The design effect of counts, from looks at two arms that are alike (or at any constant ratio): by how many times the
 * canary's events vary more than they would if events came one by one. Given all events of a look, the canary's are
 * binomial; the mean of the squared Pearson residuals is the variance over that (McCullagh & Nelder, Generalized Linear
 * Models, 1989, section 4.5). Longer bursts show in blocks of several looks; of these, which are few, only what is beyond
 * chance counts. At least 1; null where too few looks have events.
 */
export function designEffectOf(looks: readonly Look[]): number | null {
  const telling = looks.filter(
    ({ canary, stable }) =>
      canary.total > 0 && stable.total > 0 && canary.events + stable.events > 0,
  );
  const ratio = ratioOf(telling);
  if (ratio === null) return null;
  const parts = telling.map((look) => residualOf(look, ratio));
  const found = SCALES.flatMap((scale) => {
    const blocks = blocksOf(parts, scale);
    if (blocks.length < LEAST) return [];
    const squares = blocks.map(({ off, variance }) => (off * off) / variance);
    const mean = squares.reduce((sum, square) => sum + square, 0) / (blocks.length - 1);
    const chance = 1 + 2 * Math.sqrt(2 / (blocks.length - 1));
    return [scale === 1 ? mean : mean / chance];
  });
  return found.length === 0 ? null : Math.max(1, ...found);
}

/** Mantel and Haenszel's estimate of the ratio of the rates; null where either arm has no event. */
export function ratioOf(looks: readonly Look[]): number | null {
  let [above, below] = [0, 0];
  for (const { canary, stable } of looks) {
    const total = canary.total + stable.total;
    if (total === 0) continue;
    above += (canary.events * stable.total) / total;
    below += (stable.events * canary.total) / total;
  }
  return above > 0 && below > 0 ? above / below : null;
}

interface Residual {
  readonly off: number;
  readonly variance: number;
}

function residualOf({ canary, stable }: Look, ratio: number): Residual {
  const events = canary.events + stable.events;
  const weight = canary.total * ratio;
  const expected = weight / (weight + stable.total);
  return {
    off: canary.events - events * expected,
    variance: events * expected * (1 - expected),
  };
}

function blocksOf(parts: readonly Residual[], size: number): readonly Residual[] {
  const count = Math.floor(parts.length / size);
  return Array.from({ length: count }, (_, block) => {
    let [off, variance] = [0, 0];
    for (const part of parts.slice(block * size, (block + 1) * size)) {
      off += part.off;
      variance += part.variance;
    }
    return { off, variance };
  });
}
