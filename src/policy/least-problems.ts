import type { Check, Plan } from "../core/plan.ts";
import type { Millis } from "../core/units.ts";
import { printDuration } from "../plan/scalars/print-duration.ts";
import type { Tier } from "./policy.ts";
import type { PolicyProblem } from "./problem.ts";

/** What a plan lacks of the least that its tier asks for. `timeScale` is that of the plan's own durations. */
export function leastProblems(plan: Plan, tier: Tier, timeScale: number): readonly PolicyProblem[] {
  return [
    ...soakProblems(plan, tier, timeScale),
    ...monitorProblems(plan, tier, timeScale),
    ...shareProblems(plan, tier),
    ...noticeProblems(plan, tier),
  ];
}

function soakProblems(plan: Plan, tier: Tier, timeScale: number): readonly PolicyProblem[] {
  return plan.stages
    .filter(({ soak }) => soak < tier.soak * timeScale)
    .map(({ name, soak }) => ({
      rule: "soak",
      message: `stage ${name} soaks for ${shown(soak, timeScale)}, and tier ${tier.name} asks for ${printDuration(tier.soak)}`,
      fix: `give stage ${name} a soak of ${printDuration(tier.soak)} or more`,
    }));
}

/** The last share may be that of several stages: what counts is how long it was watched before the end. */
function monitorProblems(plan: Plan, tier: Tier, timeScale: number): readonly PolicyProblem[] {
  const last = plan.stages.at(-1)?.share ?? null;
  const from = plan.stages.findLastIndex(({ share }) => share !== last) + 1;
  const watched = plan.stages.slice(from).reduce((sum, { soak }) => sum + soak, 0);
  if (watched >= tier.monitor * timeScale) return [];
  const place = last === null ? "in the last stages" : `at ${last} %`;
  return [
    {
      rule: "monitor",
      message: `the plan soaks for ${shown(watched, timeScale)} ${place}, and tier ${tier.name} asks for ${printDuration(tier.monitor)}`,
      fix: `let the last stage, or one more at the same share, soak for ${printDuration(tier.monitor)} in all`,
    },
  ];
}

function shareProblems(plan: Plan, tier: Tier): readonly PolicyProblem[] {
  const [first] = plan.stages;
  const problems: PolicyProblem[] = [];
  const share = first?.share ?? null;
  if (tier.firstShare !== null && share !== null && share > tier.firstShare)
    problems.push({
      rule: "firstShare",
      message: `stage ${first?.name ?? ""} begins with ${share} %, and tier ${tier.name} allows ${tier.firstShare} %`,
      fix: `begin with a stage of ${tier.firstShare} % or less`,
    });
  if (plan.stages.length < tier.stages)
    problems.push({
      rule: "stages",
      message: `the plan has ${plan.stages.length} stages, and tier ${tier.name} asks for ${tier.stages}`,
      fix: "go up in smaller steps",
    });
  return problems;
}

function noticeProblems(plan: Plan, tier: Tier): readonly PolicyProblem[] {
  if (tier.notice === 0) return [];
  const checks = plan.preflight.flatMap((name) => plan.checks[name] ?? []);
  if (checks.some((check) => aheadOf(check) >= tier.notice)) return [];
  const ahead = printDuration(tier.notice);
  return [
    {
      rule: "notice",
      message: `tier ${tier.name} asks that customers are told ${ahead} before, and nothing in the plan's preflight checks it`,
      fix: `write into preflight: - { name: noticed, announced: MESSAGE, ahead: ${ahead} }`,
    },
  ];
}

function aheadOf({ driver, input }: Check): Millis {
  const ahead = driver === "announced" ? input["ahead"] : null;
  return typeof ahead === "number" ? ahead : 0;
}

function shown(ms: Millis, timeScale: number): string {
  return printDuration(Math.round(ms / timeScale));
}
