import type { Plan } from "../core/plan.ts";
import type { State } from "../core/state.ts";
import { tellClaims } from "../core/tell-claims.ts";
import type { JournalEntry } from "../engine/ports.ts";
import { describeEnd } from "./describe-end.ts";
import { describeEvent } from "./describe-event.ts";
import { formatDuration } from "./format-duration.ts";
import { policyFacts } from "./policy-facts.ts";
import type { Scene } from "./scene.ts";

export interface ReportInput {
  readonly plan: Plan;
  readonly digest: string;
  readonly entries: readonly JournalEntry[];
  readonly state: State;
}

/** The report of a rollout for people who were not there: how it ended, why, stage by stage, and everything in order. */
export function renderReport(input: ReportInput): string {
  const { plan, entries, state } = input;
  const rollout = state.rollout;
  const scene: Scene = { plan, rollout, evidence: null };
  return [
    `# Rollout of ${plan.name}`,
    "",
    verdict(state, scene),
    "",
    ...facts(input),
    "",
    "## Stages",
    "",
    "| stage | share | began (UTC) | took | gates | result |",
    "| --- | --- | --- | --- | --- | --- |",
    ...stageRows(plan, entries),
    "",
    ...comparisons(plan, state),
    "## What happened",
    "",
    "All times are UTC.",
    "",
    ...timeline(entries, scene),
    "",
    `To check this evidence: \`canary verify ${rollout}\`.`,
    "",
  ].join("\n");
}

function verdict(state: State, scene: Scene): string {
  const { phase, cause } = state;
  if (phase.kind !== "ended") return "**It has not ended.**";
  const { text, more } = describeEnd(phase.end, scene);
  const why =
    cause === null ? "" : ` Why: ${escape(cause.text)} (${cause.kind}, by ${escape(cause.by)}).`;
  const list =
    more.length === 0
      ? ""
      : `\n\n${more.map((each) => `- ${escape(each.replace(/^- /u, ""))}`).join("\n")}`;
  return `**${escape(capital(text))}.**${why}${list}`;
}

function facts({ plan, digest, entries, state }: ReportInput): readonly string[] {
  const first = entries[0];
  const last = entries.at(-1);
  const rows: (readonly [string, string])[] = [
    ["rollout", state.rollout],
    ["plan", `${plan.name}, digest ${digest}`],
    ["started by", first?.actor ?? "?"],
    ["started", first === undefined ? "?" : new Date(first.at).toISOString()],
    ["ended", last === undefined ? "?" : new Date(last.at).toISOString()],
    ["took", first === undefined || last === undefined ? "?" : formatDuration(last.at - first.at)],
    ["processes that ran it", String(owners(entries))],
    ...(plan.about.owner === null ? [] : [["owner", plan.about.owner] as const]),
    ...policyFacts(plan, state),
  ];
  return rows.map(([name, value]) => `- ${escape(name)}: ${escape(value)}`);
}

/** An end is a claim too, and no process of its own. */
function owners(entries: readonly JournalEntry[]): number {
  return entries.filter(({ event }) => event.kind === "claimed" && event.end === null).length;
}

function stageRows(plan: Plan, entries: readonly JournalEntry[]): readonly string[] {
  return plan.stages.map((stage) => {
    const at = entries.findIndex(
      ({ event }) => event.kind === "stage-started" && event.stage === stage.name,
    );
    const began = entries[at];
    const share = stage.share === null ? "-" : `${stage.share} %`;
    if (began === undefined) return `| ${cell(stage.name)} | ${share} | - | - | - | not reached |`;
    const after = entries.slice(at + 1);
    const end = after.find(
      ({ event }) =>
        event.kind === "stage-passed" || event.kind === "stopping" || event.kind === "rolling-back",
    );
    const result =
      end === undefined
        ? "not ended"
        : end.event.kind === "stage-passed"
          ? "passed"
          : "rolled back";
    const took = end === undefined ? "-" : formatDuration(end.at - began.at);
    const until = end === undefined ? after : after.slice(0, after.indexOf(end));
    const time = new Date(began.at).toISOString().slice(11, 19);
    return `| ${cell(stage.name)} | ${share} | ${time} | ${took} | ${cell(lastGates(until))} | ${result} |`;
  });
}

/** How each comparison with stable stood at the end: those of gates in the last stage, those of triggers over all. */
function comparisons(plan: Plan, state: State): readonly string[] {
  const told = tellClaims(plan, state);
  if (told.length === 0) return [];
  return [
    "## Comparisons with stable",
    "",
    ...told.map(({ place, text, detail }) => `- ${place} ${escape(text)}: ${escape(detail)}`),
    "",
  ];
}

/** The last verdict on each gate. */
function lastGates(entries: readonly JournalEntry[]): string {
  const gates = new Map<string, string>();
  for (const { event } of entries) {
    if (event.kind === "gate-judged") gates.set(event.gate, `${event.outcome}: ${event.detail}`);
  }
  return gates.size === 0 ? "-" : [...gates.values()].join("; ");
}

function timeline(entries: readonly JournalEntry[], scene: Scene): readonly string[] {
  return entries.flatMap((entry) => {
    if (entry.event.kind === "measured" || entry.event.kind === "timer-fired") return [];
    const { text, more, tone } = describeEvent(entry.event, scene);
    const time = new Date(entry.at).toISOString().slice(11, 23);
    const strong = tone === "bad" || tone === "ask" || tone === "back" || tone === "step";
    const shown = strong ? `**${escape(text)}**` : escape(text);
    return [
      `- \`${time}\` ${shown}`,
      ...more.map((each) => `  - ${escape(each.replace(/^- /u, ""))}`),
    ];
  });
}

/** Text from plans and targets must not become markup. */
function escape(text: string): string {
  return text.replaceAll(/[\\`*_<>[\]|#]/gu, String.raw`\$&`).replaceAll(/\s*\n\s*/gu, " ");
}

function cell(text: string): string {
  return escape(text);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
