import type { Condition } from "../../core/condition.ts";
import type { ConditionContext } from "./condition-context.ts";
import type { Cursor } from "./cursor.ts";
import { reportName } from "./report-name.ts";
import type { Token } from "./tokenize.ts";

type Verb = "passes" | "fails" | "confirmed";

const VERBS: ReadonlySet<string> = new Set<Verb>(["passes", "fails", "confirmed"]);
const MEANT: Readonly<Record<string, Verb>> = {
  pass: "passes",
  passed: "passes",
  passing: "passes",
  succeeds: "passes",
  succeeded: "passes",
  ok: "passes",
  healthy: "passes",
  fail: "fails",
  failed: "fails",
  failing: "fails",
  confirm: "confirmed",
  confirms: "confirmed",
  approved: "confirmed",
};
const COMPARISONS: Readonly<Record<string, string>> = {
  below: "<",
  under: "<",
  less: "<",
  above: ">",
  exceeds: ">",
  greater: ">",
  more: ">",
  equals: "==",
  is: "==",
};

/** Reads `check passes`, `check fails`, `confirmation confirmed`; null after a problem. */
export function parseVerb(cursor: Cursor, context: ConditionContext): Condition | null {
  const name = cursor.take();
  const verb = cursor.take();
  if (name === null || verb === null) return null;
  if (!isVerb(verb.text)) return reportVerb(cursor, name, verb, context);
  const driver = context.checks.get(name.text)?.driver;
  if (driver === undefined) {
    reportName(cursor, name, "check", context);
    return null;
  }
  if ((driver === "confirm") !== (verb.text === "confirmed")) {
    const fix = driver === "confirm" ? "confirmed" : "passes";
    const why =
      driver === "confirm"
        ? "is a person's word, which neither passes nor fails"
        : `is a check by ${driver}, which nobody confirms`;
    cursor.report("condition-verb", `${name.text} ${why}`, `write ${name.text} ${fix}`, {
      first: verb,
    });
    return null;
  }
  if (cursor.peek()?.text === "for") {
    cursor.report(
      "condition-syntax",
      "`for` belongs to metrics",
      "set the check's `interval` and `failureThreshold` instead",
      { first: cursor.peek() },
    );
    return null;
  }
  if (verb.text === "confirmed") return { kind: "confirmed", text: cursor.text, check: name.text };
  return { kind: "check", text: cursor.text, check: name.text, wants: verb.text };
}

function reportVerb(cursor: Cursor, name: Token, verb: Token, context: ConditionContext): null {
  const isName = context.metrics.has(verb.text) || context.checks.has(verb.text);
  const lower = verb.text.toLowerCase();
  const meant = Object.hasOwn(MEANT, lower) ? MEANT[lower] : VERBS.has(lower) ? lower : undefined;
  const comparison = Object.hasOwn(COMPARISONS, lower) ? COMPARISONS[lower] : undefined;
  const rest = cursor.text.slice(verb.offset);
  const span = { first: verb };
  if (isName && ["check", "metric", "not"].includes(name.text))
    cursor.report(
      "condition-syntax",
      `${name.text} is not a word of conditions`,
      name.text === "not"
        ? `turn the comparison round, or write ${verb.text} fails`
        : `write ${rest}`,
      { first: name },
    );
  else if (meant !== undefined)
    cursor.report(
      "condition-verb",
      `${verb.text} is not a verb of conditions`,
      `write ${name.text} ${meant}`,
      span,
    );
  else if (comparison !== undefined)
    cursor.report(
      "condition-syntax",
      `${verb.text} is not a comparison`,
      `write ${name.text} ${comparison} limit`,
      span,
    );
  else if (verb.text === "for")
    cursor.report(
      "condition-syntax",
      `${name.text} is compared with nothing`,
      `write ${name.text} < limit ${rest}`,
      span,
    );
  else
    cursor.report(
      "condition-syntax",
      `${verb.text} stands where a comparison or a verb belongs`,
      "write one of < <= > >= == != or passes, fails, confirmed",
      span,
    );
  return null;
}

function isVerb(text: string): text is Verb {
  return VERBS.has(text);
}
