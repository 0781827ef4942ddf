import { expect } from "vitest";

import type { Event } from "../../src/core/event.ts";
import type { Plan } from "../../src/core/plan.ts";
import type { Reaction, ReactionEvent } from "../../src/core/reaction.ts";
import type { Cause } from "../../src/core/state.ts";
import type { Rehearsed } from "./rehearse-plan.ts";

/** How the report of a rollout that ended with this code begins. */
const VERDICTS: Readonly<Record<number, string>> = {
  0: "**Promoted: ",
  20: "**Not started: ",
  30: "**Rolled back: the old version serves everything",
  31: "**Rolled back after the abort: the old version serves everything",
  40: "**ROLLED BACK, AND NOT WELL",
};

/**
 * That everything which a rollout leaves says how it ended and why: journal, report, the runbook's own records, evidence
 * of the stage, and the messages.
 */
export function expectRecord(rehearsed: Rehearsed): void {
  const { exit, entries } = rehearsed;
  const report = reportOf(rehearsed);
  expect(report).toContain(VERDICTS[exit]);
  const cause = entries.flatMap(({ event }) =>
    event.kind === "rolling-back" ? [event.cause] : [],
  )[0];
  if (cause === undefined) return expectForward(rehearsed, report);
  expect(report).toContain(`Why: ${cause.text} (${cause.kind}, by ${cause.by}).`);
  expect(report).toMatch(/^\| .* \| rolled back \|$/mu);
  expectWritten(rehearsed, cause);
  expectStageEvidence(rehearsed);
  const end = exit === 40 ? "rollback-failed" : "rolled-back";
  for (const event of ["rolling-back", end] as const) expectTold(rehearsed, event, cause.text);
}

/** What went forward all the same, or not at all. */
function expectForward(rehearsed: Rehearsed, report: string): void {
  const { end, entries } = rehearsed;
  if (end.kind === "refused") {
    expect(end.problems.length).toBeGreaterThan(0);
    for (const problem of end.problems) expect(report).toContain(problem);
    expect(entries.some(({ event }) => event.kind === "action-intended")).toBe(false);
    expect(rehearsed.told).toEqual([]);
    return;
  }
  expect(end.kind).toBe("promoted");
  expect(report).not.toContain("| rolled back |");
  expectTold(rehearsed, "promoted", "");
  expect(namesOfRecords(rehearsed.plan, "promoted", "").every((name) => has(rehearsed, name))).toBe(
    true,
  );
}

/** That whoever watches for an event of a trigger was told of this one, in words. */
export function expectTold(rehearsed: Rehearsed, event: ReactionEvent, trigger: string): void {
  const { plan, told } = rehearsed;
  const notices = told.filter(({ notice }) => notice.event === event);
  for (const { to } of reactionsTo(plan, event, trigger)) {
    const got = notices.filter((each) => each.to === to).map(({ notice }) => notice);
    expect(got, `${to} is told of ${event}`).not.toEqual([]);
    for (const { subject, text } of got)
      expect(`${subject}${text}`).not.toMatch(/\$\{|: {2}|\. \. /u);
  }
}

/** The runbook's own records hold why, where, and by whom. */
function expectWritten(rehearsed: Rehearsed, cause: Cause): void {
  const { plan, files } = rehearsed;
  for (const event of ["rolling-back", "rolled-back"] as const) {
    if (event === "rolled-back" && rehearsed.exit === 40) continue;
    for (const name of namesOfRecords(plan, event, cause.text)) {
      const named = [...files].filter(([path]) => path.split("/").at(-1)?.startsWith(name));
      const text = named.map(([, content]) => content).join("");
      expect(text, `record ${name}`).toContain(cause.text);
      expect(text).not.toMatch(/: $|\$\{/mu);
    }
  }
}

/** What the stage in which it broke had to leave, also when it does not pass. */
function expectStageEvidence({ plan, entries, files }: Rehearsed): void {
  const last = entries.flatMap(({ event }) =>
    event.kind === "stage-started" ? [event.stage] : [],
  );
  const stage = plan.stages.find(({ name }) => name === last.at(-1));
  const folder = `stages/${stage?.folder}/`;
  const taken = entries.flatMap(({ event }) => (event.kind === "collected" ? event.taken : []));
  expect(stage).toBeDefined();
  expect(
    stage?.evidence.length === 0 || [...files.keys()].some((path) => path.startsWith(folder)),
  ).toBe(true);
  expect(entries.flatMap(({ event }) => missingIn(event))).toEqual([]);
  expect(stage?.evidence.length === 0 || taken.length > 0).toBe(true);
}

function missingIn(event: Event): readonly string[] {
  return event.kind === "collected" ? [...event.missing, ...event.missingRequired] : [];
}

/** Places that are told at once and of everything, or of this trigger. `why` begins with the trigger's name. */
function reactionsTo(
  plan: Plan,
  event: ReactionEvent,
  why: string,
): readonly { readonly to: string }[] {
  return (plan.reactions ?? []).flatMap((reaction) =>
    reaction.does.kind === "tell" && isMeant(reaction, event, why)
      ? [{ to: reaction.does.to }]
      : [],
  );
}

function namesOfRecords(plan: Plan, event: ReactionEvent, why: string): readonly string[] {
  return (plan.reactions ?? []).flatMap((reaction) =>
    reaction.does.kind === "record" && isMeant(reaction, event, why)
      ? [reaction.does.as.split("${")[0] ?? ""]
      : [],
  );
}

function isMeant(reaction: Reaction, event: ReactionEvent, why: string): boolean {
  const { trigger, stage, after } = reaction;
  const isItsTrigger = trigger === null || why === trigger || why.startsWith(`${trigger}: `);
  return reaction.event === event && isItsTrigger && stage === null && after === 0;
}

function has({ files }: Rehearsed, name: string): boolean {
  return [...files.keys()].some((path) => path.split("/").at(-1)?.startsWith(name));
}

/** The report, without the marks that keep texts from becoming markup. */
export function reportOf({ files }: Rehearsed): string {
  return (files.get("report.md") ?? "").replaceAll(/\\([\\`*_<>[\]|#])/gu, "$1");
}
