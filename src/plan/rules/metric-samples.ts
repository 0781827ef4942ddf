import type { Metric } from "../../core/plan.ts";
import type { DriverCatalog } from "../driver-catalog.ts";
import type { LocatedPlan, Rule } from "../located-plan.ts";
import { metricLeaves } from "./metric-leaves.ts";
import { placedConditions } from "./placed-conditions.ts";
import { problemsAt, type Found } from "./problems-at.ts";
import { sourcePath } from "./source-path.ts";

/** A gate on a ratio of counted parts states how many it needs: too few are inconclusive, and never promote. */
export const metricSamples: Rule = (located, catalog) => {
  const { plan } = located;
  const gated = new Set(
    placedConditions(plan).flatMap(({ place, condition }) =>
      place === "gate" ? metricLeaves(condition).map(({ metric }) => metric) : [],
    ),
  );
  const found = Object.values(plan.metrics).flatMap((metric): readonly Found[] => {
    if (metric.minSamples > 0 && isUncounted(metric, catalog)) return [uncounted(located, metric)];
    const counts = catalog.metrics.get(metric.driver)?.unit(metric.query) === "ratio";
    if (!counts || metric.minSamples > 0 || !gated.has(metric.name)) return [];
    return [
      {
        code: "min-samples-missing",
        path: sourcePath(located, `metric:${metric.name}`),
        atKey: true,
        message: `a gate on ${metric.name} would pass on a single good sample`,
        fix: "add `minSamples`, like minSamples: 100",
      },
    ];
  });
  return problemsAt(located, found);
};

function isUncounted({ driver, query }: Metric, catalog: DriverCatalog): boolean {
  return catalog.metrics.get(driver)?.counts?.(query) === false;
}

function uncounted(located: LocatedPlan, { name, minSamples }: Metric): Found {
  return {
    code: "min-samples-uncounted",
    path: sourcePath(located, `metric:${name}`, "minSamples"),
    message: `nothing counts the samples of ${name}, so there are never ${minSamples}`,
    fix: "add `samples`, write the metric as bad and total, or leave `minSamples` out",
  };
}
