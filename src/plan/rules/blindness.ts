import type { Rule } from "../located-plan.ts";
import { printDuration } from "../scalars/print-duration.ts";
import { problemsAt } from "./problems-at.ts";

/** A single failed query is no reason to roll back: `maxBlind` spans at least two measurements. */
export const blindness: Rule = (located) => {
  const { maxBlind, stages } = located.plan;
  const slowest = Math.max(0, ...stages.map(({ interval }) => interval));
  if (maxBlind > slowest) return [];
  return problemsAt(located, [
    {
      code: "blind-too-short",
      path: ["maxBlind"],
      message: `maxBlind is ${printDuration(maxBlind)}, and a measurement is made every ${printDuration(slowest)}: one failed query would roll back`,
      fix: `set \`maxBlind: ${printDuration(slowest * 4)}\` or more, or a shorter \`interval\``,
    },
  ]);
};
