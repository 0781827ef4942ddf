import type { Stage } from "../../core/plan.ts";
import type { Rule } from "../located-plan.ts";
import { printDuration } from "../scalars/print-duration.ts";
import { metricLeaves } from "./metric-leaves.ts";
import { placedConditions } from "./placed-conditions.ts";
import { problemsAt, type Found } from "./problems-at.ts";
import { sourcePath } from "./source-path.ts";
import { windowOf } from "./window-of.ts";

/**
 * Samples from before the stage count neither way, so a gate is first judged one window after the stage clock, and one
 * with `for` that much later. The soak has to reach there, and beyond it for more than one measurement.
 */
export const soakCoversWindow: Rule = (located) => {
  const { plan } = located;
  const found = placedConditions(plan).flatMap((placed): readonly Found[] => {
    if (placed.place !== "gate") return [];
    const { stage, thing, condition } = placed;
    return metricLeaves(condition).flatMap((leaf) => {
      const lasting = Math.max(leaf.for, "of" in condition ? condition.for : 0);
      const needs = windowOf(leaf, plan) + lasting;
      const path = sourcePath(located, thing);
      const label = leaf.text.trim();
      if (needs > stage.soak) return [tooShort(label, needs, stage, path)];
      if (stage.soak - needs < stage.interval) return [oneLook(label, needs, stage, path)];
      return [];
    });
  });
  return problemsAt(located, found);
};

function tooShort(text: string, needs: number, stage: Stage, path: Found["path"]): Found {
  const least = printDuration(needs + stage.interval);
  return {
    code: "soak-too-short",
    path,
    message: `${text} needs ${printDuration(needs)} of its own stage, and ${stage.name} soaks ${printDuration(stage.soak)}`,
    fix: `set \`soak: ${least}\` or more, or judge a shorter window`,
  };
}

function oneLook(text: string, needs: number, stage: Stage, path: Found["path"]): Found {
  const { name, soak, interval } = stage;
  const left = printDuration(soak - needs);
  return {
    code: "one-measurement",
    path,
    message: `${text} is decided by one measurement: ${left} of the soak of ${name} are left after its window, and one is made every ${printDuration(interval)}`,
    fix: `set \`soak: ${printDuration(needs + 2 * interval)}\` or more, or a shorter \`interval\``,
  };
}
