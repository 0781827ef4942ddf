import type { Rule } from "../located-plan.ts";

/** Every rule that a plan is checked with. */
export const allRules: readonly Rule[] = [];
