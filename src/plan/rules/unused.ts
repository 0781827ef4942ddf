import type { Plan } from "../../core/plan.ts";
import type { Rule } from "../located-plan.ts";
import { leafConditions } from "./leaf-conditions.ts";
import { placedConditions } from "./placed-conditions.ts";
import { planEvidence } from "./plan-evidence.ts";
import { problemsAt, type Found } from "./problems-at.ts";
import { sourcePath } from "./source-path.ts";
import { textsIn } from "./texts-in.ts";

/** A metric or check that nothing looks at gives a feeling of safety and nothing else. */
export const unused: Rule = (located) => {
  const { plan } = located;
  const { metrics, checks } = used(plan);
  const found = [
    ...Object.keys(plan.metrics)
      .filter((name) => !metrics.has(name))
      .map((name): Found => ({
        code: "metric-unused",
        path: sourcePath(located, `metric:${name}`),
        atKey: true,
        message: `nothing uses the metric ${name}`,
        fix: `use it, like gates: [ ${name} < limit ], or remove it`,
      })),
    ...Object.keys(plan.checks)
      .filter((name) => !checks.has(name))
      .map((name): Found => ({
        code: "check-unused",
        path: sourcePath(located, `check:${name}`),
        atKey: true,
        message: `nothing uses the check ${name}`,
        fix: "name it in `preflight`, in the `checks` or `gates` of a stage or in a trigger, or remove it",
      })),
  ];
  return problemsAt(located, found);
};

function used(plan: Plan): { metrics: ReadonlySet<string>; checks: ReadonlySet<string> } {
  const excuses = (plan.reactions ?? []).flatMap(({ unless }) => unless ?? []);
  const conditions = placedConditions(plan).map(({ condition }) => condition);
  const leaves = [...conditions, ...excuses].flatMap(leafConditions);
  const evidence = [
    ...planEvidence(plan),
    ...Object.values(plan.playbooks ?? {}).flatMap((playbook) => playbook.diagnose),
  ];
  return {
    metrics: new Set([
      ...leaves.flatMap((leaf) => (leaf.kind === "metric" ? [leaf.metric] : [])),
      ...evidence.flatMap(({ input }) => textsIn(input).map(({ text }) => text)),
    ]),
    checks: new Set([
      ...leaves.flatMap((leaf) => (leaf.kind === "metric" ? [] : [leaf.check])),
      ...(plan.reactions ?? []).flatMap(({ asks }) => asks),
      ...plan.preflight,
      ...plan.stages.flatMap((stage) => stage.checks),
      ...plan.rollback.verify.checks,
    ]),
  };
}
