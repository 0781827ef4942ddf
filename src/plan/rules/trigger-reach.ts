import type { Condition } from "../../core/condition.ts";
import type { Rule } from "../located-plan.ts";
import { printDuration } from "../scalars/print-duration.ts";
import { leafConditions } from "./leaf-conditions.ts";
import { metricLeaves } from "./metric-leaves.ts";
import { placedConditions } from "./placed-conditions.ts";
import { problemsAt, type Found } from "./problems-at.ts";
import { sourcePath } from "./source-path.ts";

/**
 * A trigger's `for` runs on across stages, so a long one cannot fire in the first: said, so that nobody counts on it. Not
 * where each of its metrics has another trigger too that does something at once.
 */
export const triggerReach: Rule = (located) => {
  const { stages, triggers } = located.plan;
  const atOnce = new Set(
    triggers
      .filter(({ does, condition }) => does !== "warn" && lastingOf(condition) === 0)
      .flatMap(({ condition }) => metricLeaves(condition).filter((leaf) => leaf.for === 0))
      .map(({ metric }) => metric),
  );
  const found = placedConditions(located.plan).flatMap((placed): readonly Found[] => {
    if (placed.place !== "trigger") return [];
    const { trigger, condition, thing } = placed;
    if (trigger.does !== "rollback" && trigger.does !== "hold") return [];
    const lasting = lastingOf(condition);
    const first = lasting === 0 ? 0 : firstReached(lasting, stages);
    if (first === 0) return [];
    if (metricLeaves(condition).every(({ metric }) => atOnce.has(metric))) return [];
    const when =
      first === null ? "before the last stage is over" : `before stage ${stages[first]?.name}`;
    return [
      {
        code: "trigger-late",
        path: sourcePath(located, thing),
        message: `the trigger ${trigger.name} asks for ${printDuration(lasting)}, so it cannot fire ${when}`,
        fix: "shorten its `for`, lengthen the first soak, or add a trigger that fires at once on a higher limit",
      },
    ];
  });
  return problemsAt(located, found);
};

/** How long it must hold before it can fire. */
function lastingOf(condition: Condition): number {
  const parts = leafConditions(condition).map((leaf) => (leaf.kind === "metric" ? leaf.for : 0));
  const inside = condition.kind === "any" ? Math.min(...parts) : Math.max(...parts, 0);
  return ("of" in condition ? condition.for : 0) + inside;
}

/** The stage during whose soak a time since the start is reached; null when all of them are over by then. */
function firstReached(ms: number, stages: readonly { readonly soak: number }[]): number | null {
  let total = 0;
  for (const [index, { soak }] of stages.entries()) {
    total += soak;
    if (ms <= total) return index;
  }
  return null;
}
