import type { Rule } from "../located-plan.ts";
import { problemsAt, type Found } from "./problems-at.ts";
import { sourcePath } from "./source-path.ts";

/** Silence never promotes: a stage that exposes users, soaks, or comes last needs something that can say no. */
export const stageProves: Rule = (located) => {
  const { stages } = located.plan;
  const found = stages.flatMap((stage, index): readonly Found[] => {
    if (stage.gates.length > 0 || stage.checks.length > 0) return [];
    const shifts = stage.actions.some(({ role }) => role === "traffic");
    const isLast = index === stages.length - 1;
    if (!shifts && !isLast && stage.soak === 0) return [];
    return [
      {
        code: "stage-unproven",
        path: sourcePath(located, `stage:${stage.name}`),
        message: `stage ${stage.name} has neither gates nor checks: it would pass whatever happens`,
        fix: "add `gates` like [ error_rate < 1% ], here or in `everyStage`",
      },
    ];
  });
  return problemsAt(located, found);
};
