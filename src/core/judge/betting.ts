import { logMeanExp } from "./log-mean-exp.ts";

/** Parts of what may be staked at most, from bold to cautious: one of them suits any difference that shows in time. */
const BETS: readonly number[] = [0.9, 0.5, 0.25, 0.12, 0.06, 0.03, 0.015];

/**
 * ln of what each stake has become that began as 1 and is bet on outcomes above 0, at even odds. Whatever the outcomes'
 * distribution, none grows in the mean while outcomes are not above 0 in the mean; so the mean of all reaches 1/alpha in at most
 * alpha of all cases, at any time (Waudby-Smith & Ramdas, JRSS B 2024, arXiv 2010.09686; Ville's inequality).
 */
export type Stakes = readonly number[];

/** Stakes before any outcome. */
export const untouched: Stakes = BETS.map(() => 0);

/** The stakes after one more outcome. It cannot be below -1, which is what it takes to be exact; throws where it is. */
export function bet(stakes: Stakes, outcome: number): Stakes {
  if (!(outcome >= -1)) throw new RangeError(`the outcome ${outcome} is below -1`);
  return stakes.map((log, at) => log + Math.log1p((BETS[at] ?? 0) * outcome));
}

/** ln of the evidence that outcomes are above 0. Where they depend on each other, it is divided by their design effect. */
export function evidenceOf(stakes: Stakes, designEffect: number): number {
  return logMeanExp(stakes.map((log) => log / designEffect));
}

/** How many outcomes it takes at least, if each is as far above 0 as this. */
export function fewestBets(outcome: number, alpha: number): number {
  let [stakes, count] = [untouched, 0];
  while (evidenceOf(stakes, 1) < -Math.log(alpha))
    [stakes, count] = [bet(stakes, outcome), count + 1];
  return count;
}
