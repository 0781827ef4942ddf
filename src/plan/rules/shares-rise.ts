import type { Rule } from "../located-plan.ts";
import { problemsAt, type Found } from "./problems-at.ts";
import { sourcePath } from "./source-path.ts";

/** The share of traffic rises from stage to stage: one that falls would take users back without a rollback. */
export const sharesRise: Rule = (located) => {
  const found: Found[] = [];
  let before = 0;
  let stageBefore: string | null = null;
  for (const { name, share, actions } of located.plan.stages) {
    if (share === null) continue;
    const path = sourcePath(located, `stage:${name}`, "traffic");
    const isStated = actions.some(({ role }) => role === "traffic");
    if (share < before)
      found.push({
        code: "share-falls",
        path,
        message: `${share}% is less than the ${before}% of stage ${stageBefore}`,
        fix: `give stage ${name} more than ${before}%, or put it earlier; going back is what rollback does`,
      });
    else if (share === before && isStated && stageBefore !== null)
      found.push({
        code: "share-repeats",
        path,
        message: `${share}% is what stage ${stageBefore} has set already`,
        fix: "leave `traffic` out: the share stays in force",
      });
    before = Math.max(before, share);
    if (share === before) stageBefore = name;
  }
  return problemsAt(located, found);
};
