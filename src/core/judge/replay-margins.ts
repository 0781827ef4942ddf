import { addLook, startRateTest, type Look, type RateTestOptions } from "./rate-test.ts";

/** Limits that people write: each is tried. */
export const MARGINS: readonly number[] = [1, 1.1, 1.25, 1.5, 2, 3, 5];

/** How often one margin would have been found exceeded, in so many stretches of time. */
export interface Replayed {
  readonly margin: number;
  readonly worse: number;
}

/**
 * Replays the test over the past, cut into stretches of so many looks as a rollout has: how often each margin would have
 * been found exceeded. Where nothing was wrong, these are false alarms.
 */
export function replayMargins(
  looks: readonly Look[],
  length: number,
  options: Pick<RateTestOptions, "alpha" | "designEffect">,
): { readonly stretches: number; readonly margins: readonly Replayed[] } {
  const stretches = Math.floor(looks.length / length);
  const margins = MARGINS.map((margin) => {
    const stated = { ...options, margin, noWorseThan: margin };
    let worse = 0;
    for (let at = 0; at < stretches; at += 1)
      if (isFoundWorse(looks.slice(at * length, (at + 1) * length), stated)) worse += 1;
    return { margin, worse };
  });
  return { stretches, margins };
}

/** The least margin at which no more than the stated part of all stretches was found worse; null for none of them. */
export function suggestMargin(
  { stretches, margins }: ReturnType<typeof replayMargins>,
  alpha: number,
): number | null {
  const enough = margins.find(({ worse }) => worse <= alpha * stretches);
  return stretches === 0 ? null : (enough?.margin ?? null);
}

function isFoundWorse(looks: readonly Look[], options: RateTestOptions): boolean {
  let test = startRateTest(options);
  for (const look of looks) {
    test = addLook(test, look);
    if (test.peak >= -Math.log(options.alpha)) return true;
  }
  return false;
}
