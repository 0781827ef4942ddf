import { drillPlan } from "../engine/drill-plan.ts";
import type { PlanSource } from "../engine/ports.ts";
import { digestPlan } from "../plan/digest.ts";
import { UsageError } from "./usage-error.ts";

/** The part of a plan that a drill runs. Throws wrong usage for a plan whose smallest stage can not be drilled. */
export function drilledSource(source: PlanSource): PlanSource {
  const plan = drillPlan(source.plan);
  if (plan === null)
    throw new UsageError(`${source.path} changes nothing in any stage: there is nothing to drill`);
  const irreversible = plan.stages
    .flatMap(({ actions }) => actions)
    .find(({ reversible }) => !reversible);
  if (irreversible !== undefined)
    throw new UsageError(
      `${irreversible.title} is a point of no return in the smallest stage of ${source.path}: a drill could not undo it`,
      "move it to a later stage, or drill on a shadow whose parameters leave it out: --set NAME=VALUE",
    );
  return { ...source, plan, digest: digestPlan(plan) };
}
