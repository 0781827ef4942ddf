import { expect, test } from "vitest";

import type { Event } from "../../src/core/event.ts";
import { expectRecord, expectTold, reportOf } from "./expect-record.ts";
import { loadedPlan, rehearsePlan, type Rehearsed } from "./rehearse-plan.ts";

/** One thing of a runbook that is broken, once. */
export interface BrokenCase {
  /** `trigger NAME`, `gate CONDITION`, `check NAME`, `confirmation NAME`, `way back NAME`. */
  readonly breaks: string;
  /** How it is broken, and what comes of it, for people. */
  readonly what: string;
  readonly set?: readonly string[];
  /** The parts of a scenario. Cases with the same parts share one rehearsal. */
  readonly broken: object;
  readonly exit: number;
  /** Lines of the rehearsal. */
  readonly says?: readonly string[];
  /** A gate that cannot turn red, because this trigger says the same and is judged first. */
  readonly standsFor?: string;
}

declare module "vitest" {
  interface TaskMeta {
    /** Which runbook a test breaks, and what of it: counted at the end of the run. */
    brokenCase?: { readonly plan: string; readonly breaks: string };
  }
}

/**
 * Breaks each thing of a runbook once: how it ends, with which exit code, and what all its records say of it. Then asks that
 * no trigger and no gate of its plan was left out.
 */
export function breakRunbook(plan: string, cases: readonly BrokenCase[]): void {
  const ran = new Set<string>();
  const rehearsals = new Map<string, Promise<Rehearsed>>();

  function rehearsed({ set = [], broken }: BrokenCase): Promise<Rehearsed> {
    const key = JSON.stringify([set, broken]);
    const known = rehearsals.get(key) ?? rehearsePlan(plan, set, broken);
    rehearsals.set(key, known);
    return known;
  }

  test.for(cases)("$breaks: $what: exit $exit", async (one, { task }) => {
    const result = await rehearsed(one);
    expect(result.exit, result.text).toBe(one.exit);
    for (const says of one.says ?? []) expect(result.text).toContain(says);
    expectBroken(one.breaks, result);
    expectRecord(result);
    ran.add(one.breaks);
    if (one.standsFor !== undefined) ran.add(one.standsFor);
    task.meta.brokenCase = { plan, breaks: one.breaks };
  });

  // `filter`: where single cases were asked for, the others did not run.
  test(`every trigger and every gate of ${plan} has been broken`, async ({ skip }) => {
    const sets = [...new Set(cases.map(({ set = [] }) => JSON.stringify(set)))];
    const plans = await Promise.all(
      sets.map((set) => loadedPlan(plan, JSON.parse(set) as string[])),
    );
    const wanted = plans.flatMap(({ plan: { stages, triggers } }) => [
      ...triggers.map(({ name }) => `trigger ${name}`),
      ...stages.flatMap(({ gates }) => gates.map(({ condition }) => `gate ${condition.text}`)),
    ]);
    if (ran.size === 0) skip("no case ran");
    expect([...new Set(wanted)].filter((each) => !ran.has(each))).toEqual([]);
  });
}

/** That it is this thing which broke, by the journal, and that the report says so to who was not there. */
function expectBroken(breaks: string, result: Rehearsed): void {
  const [kind = "", ...words] = breaks.split(" ");
  const name = words.join(" ");
  const events = result.entries.map(({ event }) => event);
  const found = events.filter((event) => isAbout(event, kind, name));
  expect(found, `${breaks} in the journal`).not.toEqual([]);
  if (kind !== "way") expect(reportOf(result)).toContain(name);
  for (const event of found) {
    if (event.kind === "warned" || event.kind === "paged")
      expectTold(result, event.kind, event.trigger);
    if (event.kind === "triggered" && event.does === "hold")
      expectTold(result, "held", event.trigger);
  }
}

function isAbout(event: Event, kind: string, name: string): boolean {
  switch (event.kind) {
    case "triggered":
    case "warned":
    case "paged":
      return kind === "trigger" && event.trigger === name;
    case "gate-judged":
      return kind === "gate" && event.gate === name && event.outcome === "fail";
    case "rolling-back":
      return kind === "gate" && event.cause.text.includes(name);
    case "check-finished":
      return kind === "check" && event.check === name && event.result === "fail";
    case "preflight-finished":
      return kind === "check" && event.problems.some((problem) => problem.includes(name));
    case "word-received":
      return kind === "confirmation" && event.word.check === name && !event.word.yes;
    case "claimed":
      return kind === "way" && event.end?.kind === "rollback-failed";
    default:
      return false;
  }
}
