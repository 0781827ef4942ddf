import type { Rule } from "../located-plan.ts";
import { printDuration } from "../scalars/print-duration.ts";
import { problemsAt, type Found } from "./problems-at.ts";
import { sourcePath } from "./source-path.ts";

/** `within` leaves time for the soak, and `tolerate` does not eat all of it. */
export const stageBounds: Rule = (located) => {
  const found = located.plan.stages.flatMap(
    ({ name, soak, within, tolerate }): readonly Found[] => {
      const thing = `stage:${name}`;
      const problems: Found[] = [];
      if (within < soak)
        problems.push({
          code: "within-too-short",
          path: sourcePath(located, thing, "within"),
          message: `stage ${name} has to pass within ${printDuration(within)}, and soaks ${printDuration(soak)}`,
          fix: `set \`within: ${printDuration(soak * 2)}\`, or leave it out for twice the soak`,
        });
      if (tolerate > 0 && tolerate >= soak)
        problems.push({
          code: "tolerate-too-long",
          path: sourcePath(located, thing, "tolerate"),
          message: `stage ${name} tolerates ${printDuration(tolerate)} of red in a soak of ${printDuration(soak)}: it would pass without a green moment`,
          fix: `set \`tolerate\` well below ${printDuration(soak)}`,
        });
      return problems;
    },
  );
  return problemsAt(located, found);
};
