/** A ratio that is weighed against the limit, as so many times it, and its part of the evidence; parts add up to 1. */
export interface Alternative {
  readonly times: number;
  readonly part: number;
}

/**
 * How much worse a canary may be. By simulation (`npm run soak -- judge`) these parts need no more events than equal parts from
 * 1.25 to 20 do at twice and more, fewer at 5 and 10 times, and are wrong no more often; ever more weight on large
 * ratios takes as much again from twice as it gives to ten times.
 */
export const WORSE: readonly Alternative[] = [
  { times: 1.25, part: 0.1 },
  { times: 1.5, part: 0.1 },
  { times: 2, part: 0.2 },
  { times: 3, part: 0.2 },
  { times: 5, part: 0.2 },
  { times: 9, part: 0.2 },
];

/** By how many times less than the limit it may be: a canary like stable, under any limit that people write. */
export const NO_WORSE: readonly Alternative[] = [1.25, 1.5, 2, 3, 5, 10, 20].map((times) => ({
  times,
  part: 1 / 7,
}));
