import type { Mutant } from "./mutant.ts";
import { backMutants } from "./mutants-back.ts";
import { forwardMutants } from "./mutants-forward.ts";
import { judgingMutants } from "./mutants-judging.ts";
import { statisticsMutants } from "./mutants-statistics.ts";

/** Every seeded bug; the tests of the core have to catch each of them. */
export const mutants: readonly Mutant[] = [
  ...judgingMutants,
  ...forwardMutants,
  ...backMutants,
  ...statisticsMutants,
];
