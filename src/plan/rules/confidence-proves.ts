import { claimOf } from "../../core/claim.ts";
import type { Metric } from "../../core/plan.ts";
import type { LocatedPlan, Rule } from "../located-plan.ts";
import type { MetricLeaf } from "./leaf-conditions.ts";
import { metricLeaves } from "./metric-leaves.ts";
import { placedConditions } from "./placed-conditions.ts";
import { problemsAt, type Found } from "./problems-at.ts";
import { sourcePath } from "./source-path.ts";

/** A stated confidence is kept: by what both arms did in windows that do not overlap, in some condition. */
export const confidenceProves: Rule = (located) => {
  const { plan } = located;
  const uses = placedConditions(plan).flatMap(({ condition, thing, place }) =>
    metricLeaves(condition).map((leaf) => ({ leaf, thing, place })),
  );
  const found = Object.values(plan.metrics).flatMap((metric): readonly Found[] => {
    const { name } = metric;
    if (metric.max !== undefined && metric.compares !== "means") return [idleMax(located, metric)];
    if (metric.confidence === undefined) return [];
    const path = sourcePath(located, `metric:${name}`, "confidence");
    const idle = (message: string, fix: string): Found => ({
      code: "confidence-idle",
      path,
      message,
      fix,
    });
    if (metric.unit === "bool")
      return [
        idle(
          `${name} is true or false, so no confidence can be stated`,
          "write the metric as bad and total, or leave `confidence` out",
        ),
      ];
    const own = uses.filter(({ leaf }) => leaf.metric === name && claimOf(leaf, metric) !== null);
    if (own.length === 0)
      return [
        idle(
          `no condition compares ${name} with stable, so \`confidence\` changes nothing`,
          `write ${name} <= 2x stable, or leave \`confidence\` out`,
        ),
      ];
    return own.flatMap(({ leaf, thing, place }) => {
      const where = sourcePath(located, thing);
      return place === "verify" ? [afterwards(leaf, where)] : windowProblem(metric, leaf, where);
    });
  });
  return problemsAt(located, found);
};

/** A bound makes a comparison of values exact; nothing else looks at it. */
function idleMax(located: LocatedPlan, { name, confidence }: Metric): Found {
  return {
    code: "confidence-idle",
    path: sourcePath(located, `metric:${name}`, "max"),
    message:
      confidence === undefined
        ? `${name} has a \`max\` but no \`confidence\`, so it bounds nothing`
        : `${name} is compared by what it counts, so its \`max\` bounds nothing`,
    fix: "leave `max` out, or state a `confidence` for a metric of values",
  };
}

/** Once everything is back there is only one version to count. */
function afterwards(leaf: MetricLeaf, path: Found["path"]): Found {
  return {
    code: "confidence-idle",
    path,
    message: `${leaf.text.trim()} can never be proven after the way back: the canary serves nobody`,
    fix: "verify with an absolute limit, or with one relative to baseline",
  };
}

/** Evidence adds up over windows, each counted once: one that grows with the stage overlaps itself. */
function windowProblem(metric: Metric, leaf: MetricLeaf, path: Found["path"]): readonly Found[] {
  const isOpen = leaf.over === null ? metric.window === 0 : leaf.over.kind !== "window";
  if (!isOpen) return [];
  return [
    {
      code: "confidence-idle",
      path,
      message: `${leaf.text.trim()} counts over no window of its own, so nothing could be proven`,
      fix: `write ${metric.name} over 1m, or give ${metric.name} a \`window\`: the evidence adds up over the stage anyway`,
    },
  ];
}
