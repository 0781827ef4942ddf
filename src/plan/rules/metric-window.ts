import type { Metric, Plan } from "../../core/plan.ts";
import type { Rule } from "../located-plan.ts";
import { metricLeaves } from "./metric-leaves.ts";
import { placedConditions } from "./placed-conditions.ts";
import { problemsAt, type Found } from "./problems-at.ts";
import { sourcePath } from "./source-path.ts";
import { textsIn } from "./texts-in.ts";

/** `${window}` in a query gets a value, `over` reaches the query, and `stable` finds its arm. */
export const metricWindow: Rule = (located, catalog) => {
  const { metrics } = located.plan;
  const found = placedConditions(located.plan).flatMap(({ condition, thing }) =>
    metricLeaves(condition).flatMap((leaf): readonly Found[] => {
      const metric = metrics[leaf.metric];
      if (metric === undefined) return [];
      const path = sourcePath(located, thing);
      const { name } = metric;
      const driver = catalog.metrics.get(metric.driver);
      const takesWindow = mentions(metric, "${window}");
      const problems: Found[] = [];
      if (takesWindow && leaf.over === null && metric.window === 0)
        problems.push({
          code: "window-unfilled",
          path,
          message: `${leaf.text.trim()} leaves \${window} in the query of ${name} open`,
          fix: `write ${name} over 5m or over stage, or give ${name} a \`window\``,
        });
      const isOpen = leaf.over === null && metric.window === 0 && !takesWindow;
      if (isOpen && driver?.over === undefined && driver?.window(metric.query) === null)
        problems.push({
          code: "window-unfilled",
          path,
          message: `${leaf.text.trim()} does not say how far back ${name} looks`,
          fix: `write ${name} over 5m or over stage, or give ${name} a \`window\``,
        });
      if (leaf.over !== null && !takesWindow && driver?.over !== undefined)
        problems.push({
          code: "over-ignored",
          path,
          message: `\`over\` changes nothing: the query of ${name} does not say where the window goes`,
          fix:
            driver.over === "ignored"
              ? "leave `over` out: this source has a window of its own, which `window` states"
              : `write \${window} for the range in the query of ${name}, or leave \`over\` out`,
        });
      if ("to" in leaf.limit && leaf.limit.to === "stable") {
        const arm = armProblem(metric, located.plan);
        if (arm !== null) problems.push({ code: "stable-without-arm", path, ...arm });
      }
      return problems;
    }),
  );
  return problemsAt(located, found);
};

function armProblem(metric: Metric, plan: Plan): { message: string; fix: string } | null {
  const { name, connection } = metric;
  if (!mentions(metric, "${arm}"))
    return {
      message: `the query of ${name} cannot tell the stable arm from the canary`,
      fix: "put ${arm} into its selector and state `arms` on the connection, or compare with baseline",
    };
  const arms = plan.connections[connection]?.config["arms"];
  if (typeof arms === "object" && arms !== null && "stable" in arms) return null;
  return {
    message: `the connection ${connection} does not say what the stable arm is`,
    fix: `add arms: { canary: …, stable: … } to ${connection}, or compare with baseline`,
  };
}

function mentions({ query }: Metric, placeholder: string): boolean {
  return textsIn(query).some(({ text }) => text.includes(placeholder));
}
