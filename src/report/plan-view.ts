import type { Condition } from "../core/condition.ts";
import { confirmationsOf } from "../core/measurements.ts";
import type { Action, Evidence, Plan, Stage } from "../core/plan.ts";
import { checkLines, onMachine, watchedChecks, type PreviewCheck } from "./check-lines.ts";
import { comparisonLines } from "./comparison-lines.ts";
import type { KnownTraffic } from "./comparisons.ts";
import { questionOf } from "./confirm-lines.ts";
import { formatDuration } from "./format-duration.ts";
import { reactionLines } from "./reaction-lines.ts";

/** One command or request as a person would type it, and what undoes it. */
export interface Preview {
  readonly does: string;
  /** What puts the captured values back; null where nothing is captured. */
  readonly undo: string | null;
}

export interface PlanViewInput {
  readonly plan: Plan;
  readonly digest: string;
  /** What an action of a stage runs, and what undoes it; the stage is null outside of stages. */
  readonly preview: (action: Action, stage: Stage | null) => readonly Preview[];
  readonly previewCheck: PreviewCheck;
  /** What is asked or run for an item of evidence. */
  readonly previewEvidence: (item: Evidence) => string;
  /** What the stages will see; null when nobody said so. */
  readonly traffic: KnownTraffic;
}

/** Every command that a plan will run, in order, each with its undo and its bounds, and how long all of it takes. */
export function renderPlan(input: PlanViewInput): string {
  const { plan, digest } = input;
  const about = plan.about.owner === null ? "" : `, owner ${plan.about.owner}`;
  return [
    `plan ${plan.name}${about}`,
    `digest ${digest}`,
    ...params(plan),
    "",
    "before anything is changed",
    "  the permissions of every action and of its undo are asked for, every metric is asked once,",
    "  and the value of everything that will be changed is captured",
    ...checks(input, plan.preflight),
    ...plan.stages.flatMap((stage, index) => ["", ...stageLines(input, stage, index)]),
    ...(plan.finish.length === 0
      ? []
      : ["", "finish, after the last stage", ...actions(input, plan.finish, null)]),
    "",
    ...triggers(plan),
    "",
    ...watchedChecks(plan, input.previewCheck),
    ...comparisonLines(plan, input.traffic),
    ...rollback(input),
    "",
    ...playbooks(input),
    ...told(plan),
    ...time(plan),
  ].join("\n");
}

function told(plan: Plan): readonly string[] {
  const lines = reactionLines(plan);
  return lines.length === 0 ? [] : [...lines, ""];
}

function params(plan: Plan): readonly string[] {
  const pairs = Object.entries(plan.params).map(
    ([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return pairs.length === 0 ? [] : [`parameters ${pairs.join(" ")}`];
}

function stageLines(input: PlanViewInput, stage: Stage, index: number): readonly string[] {
  const share = stage.share === null ? "" : `, ${stage.share} %`;
  return [
    `stage ${index + 1} of ${input.plan.stages.length}: ${stage.name}${share}`,
    ...actions(input, stage.actions, stage),
    ...checks(input, stage.checks),
    `  soak   ${formatDuration(stage.soak)} without a break, measured every ${formatDuration(stage.interval)}; not passed within ${formatDuration(stage.within)}: rolls back, or holds if no gate is red`,
    ...whenLost(stage),
    ...stage.gates.map(({ condition }) => `  gate   ${gate(condition, input.plan)}`),
    ...stage.evidence.map((item) => `  take   ${fileName(item.as, stage)} (${taken(input, item)})`),
  ];
}

/** Said only where the stage itself says it. */
function whenLost({ onRunnerLost }: Stage): readonly string[] {
  if (onRunnerLost === undefined) return [];
  return [
    onRunnerLost === "hold"
      ? "  lost   when its runner dies here it stays as it is, until a person decides"
      : "  lost   when its runner dies here a guard rolls it back, below 100 %",
  ];
}

/** What is kept in a file of evidence, and how often. */
function taken({ previewEvidence }: PlanViewInput, item: Evidence): string {
  const often = item.every === null ? "" : `, every ${formatDuration(item.every)}`;
  return `${previewEvidence(item)}${onMachine(item)}${often}${item.required ? ", required" : ""}`;
}

function actions(
  input: PlanViewInput,
  list: readonly Action[],
  stage: Stage | null,
): readonly string[] {
  return list.flatMap((action) => [
    ...named(action),
    ...input
      .preview(action, stage)
      .flatMap(({ does, undo }) => [
        `  run    ${does}`,
        `  undo     ${undoOf(input, action, undo)}`,
      ]),
    `           at most ${formatDuration(action.timeout)} to write, ${formatDuration(action.ready)} to take effect`,
  ]);
}

function gate(condition: Condition, plan: Plan): string {
  const asked = confirmationsOf(condition).map((name) => questionOf(plan, name) ?? name);
  return asked.length === 0 ? condition.text : `${condition.text} (${asked.join("; ")})`;
}

/** The plan's own words for an action, where it has some. */
function named({ title, driver, role }: Action): readonly string[] {
  return role !== "change" || title === driver || title.startsWith(`${driver} `)
    ? []
    : [`  ${title}`];
}

function fileName(as: string, { name, folder, share }: Stage): string {
  return as
    .replaceAll("${stage.name}", name)
    .replaceAll("${stage.folder}", folder)
    .replaceAll("${stage.traffic}", String(share ?? "none"));
}

/** What was captured goes back in any case; what the plan states is done beside it, never instead of it. */
function undoOf(input: PlanViewInput, action: Action, auto: string | null): string {
  if (!action.reversible) return "NONE: a point of no return, from here a trigger halts and pages";
  if (typeof action.undo === "string") return auto ?? "nothing to undo";
  const stated = input.preview(action.undo, null).map(({ does }) => does);
  return [...(auto === null ? [] : [auto]), ...stated].join("; and as the plan states: ");
}

function checks(
  { plan, previewCheck }: PlanViewInput,
  names: readonly string[],
): readonly string[] {
  return names.flatMap((name) => {
    const check = plan.checks[name];
    return check === undefined ? [`  check  ${name}`] : checkLines(check, previewCheck);
  });
}

function triggers(plan: Plan): readonly string[] {
  if (plan.triggers.length === 0) return ["no trigger watches this rollout"];
  return [
    "watched all the time",
    ...plan.triggers.map(
      ({ does, name, condition, playbook }) =>
        `  ${does.padEnd(8)} when ${condition.text}${name === condition.text ? "" : ` (${name})`}${playbook === undefined ? "" : `, offers the playbook ${playbook}`}`,
    ),
  ];
}

function rollback(input: PlanViewInput): readonly string[] {
  const { actions: steps, verify, gradual } = input.plan.rollback;
  const shares =
    gradual === null
      ? []
      : [
          `  steps down over ${gradual.shares.join(", ")} %, one every ${formatDuration(gradual.every)}`,
        ];
  const isShifted = input.plan.stages.some(({ share }) => share !== null);
  const first = isShifted ? "traffic first" : "the newest first";
  const wait =
    verify.wait === 0
      ? []
      : [`  wait   ${formatDuration(verify.wait)}, so that nothing from before is judged`];
  return [
    `on the way back: every undo above, ${first}, each value read back; then`,
    ...shares,
    ...actions(input, steps, null),
    ...wait,
    ...checks(input, verify.checks),
    ...verify.gates.map(({ condition }) => `  verify ${condition.text}`),
    `  within ${formatDuration(verify.within)}, else exit 40 and a person is needed`,
  ];
}

/** What is offered when something is wrong, and run by a person alone. */
function playbooks(input: PlanViewInput): readonly string[] {
  return Object.values(input.plan.playbooks ?? {}).flatMap((playbook) => [
    `playbook ${playbook.name}, run by \`canary playbook ${playbook.name}\` alone`,
    ...playbook.diagnose.map((item) => `  ask    ${input.previewEvidence(item)}${onMachine(item)}`),
    ...playbook.causes.map((cause) => `  may be ${cause}`),
    ...actions(input, playbook.actions, null),
    ...playbook.recover.map((step) => `  to do  ${step}`),
    "",
  ]);
}

/** All soaks in the best case; every bound used up in the worst. */
function time(plan: Plan): readonly string[] {
  const every = [...plan.stages.flatMap((stage) => stage.actions), ...plan.finish];
  const writes = sum(every.map(({ timeout, ready }) => timeout + ready));
  const best = sum(plan.stages.map(({ soak }) => soak));
  const worst = sum(plan.stages.map(({ within }) => within)) + writes;
  return [
    `total time: ${formatDuration(best)} of soak when everything is green, at most ${formatDuration(worst)} without holds`,
  ];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
