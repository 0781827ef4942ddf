import type { Metric } from "../../core/plan.ts";
import type { DriverCatalog } from "../driver-catalog.ts";
import type { LocatedPlan, Rule } from "../located-plan.ts";
import { metricLeaves } from "./metric-leaves.ts";
import { placedConditions } from "./placed-conditions.ts";
import { problemsAt, type Found } from "./problems-at.ts";
import { sourcePath } from "./source-path.ts";

/** A split that is to be watched can be: both arms are counted, over windows of their own, while the traffic is split. */
export const splitWatched: Rule = (located, catalog) => {
  const found = Object.values(located.plan.metrics).flatMap((metric): readonly Found[] => {
    const problem =
      metric.splitTolerance === undefined ? null : problemOf(metric, located, catalog);
    if (problem === null) return [];
    const path = sourcePath(located, `metric:${metric.name}`, "splitTolerance");
    return [{ code: "split-idle", path, ...problem }];
  });
  return problemsAt(located, found);
};

function problemOf(
  metric: Metric,
  { plan }: LocatedPlan,
  catalog: DriverCatalog,
): Pick<Found, "message" | "fix"> | null {
  const { name } = metric;
  const driver = catalog.metrics.get(metric.driver);
  if (driver?.unit(metric.query) !== "ratio" || driver.counts?.(metric.query) === false)
    return {
      message: `${name} counts no requests, so their split cannot be watched`,
      fix: "put `splitTolerance` on a metric with `total`, or leave it out",
    };
  if (metric.window === 0)
    return { message: `${name} has no window to count in`, fix: `give ${name} a \`window\`` };
  const leaves = placedConditions(plan).flatMap(({ condition }) => metricLeaves(condition));
  const isAsked = leaves.some(
    ({ metric: asked, over, limit }) =>
      asked === name && over === null && "to" in limit && limit.to === "stable",
  );
  if (!isAsked)
    return {
      message: `no condition compares ${name} with stable, so only the canary is counted`,
      fix: `write ${name} > 1.5x stable under \`warn\`, or leave \`splitTolerance\` out`,
    };
  const isSplit = plan.stages.some(({ share }) => share !== null && share > 0 && share < 100);
  return isSplit
    ? null
    : {
        message: "no stage splits the traffic",
        fix: "give a stage `traffic` between 0 and 100 %, or leave `splitTolerance` out",
      };
}
