import type { Condition } from "../../core/condition.ts";
import type { Millis } from "../../core/units.ts";
import { parseDuration } from "../scalars/parse-duration.ts";
import type { ConditionContext } from "./condition-context.ts";
import type { ConditionProblem } from "./condition-problem.ts";
import { createCursor, type Cursor } from "./cursor.ts";
import { findCompound } from "./find-compound.ts";
import { parseLimit } from "./parse-limit.ts";
import { parseOver } from "./parse-over.ts";
import { parseVerb } from "./parse-verb.ts";
import { readOperator } from "./read-operator.ts";
import { reportName } from "./report-name.ts";
import { takeNumber } from "./take-number.ts";

export type ParsedCondition =
  | { readonly kind: "ok"; readonly condition: Condition }
  | { readonly kind: "bad"; readonly problems: readonly ConditionProblem[] };

/**
 * Reads one condition:
 *
 *     metric [over WINDOW|stage|rollout] < > <= >= == != LIMIT [for DURATION]
 *     check passes|fails
 *     confirmation confirmed
 *
 * where LIMIT is a value with its unit, `true`, `false`, `1.2x baseline`, `baseline - 5%` (relative), `baseline + 5pp`
 * (points) or `baseline + 50ms`; `stable` may stand for `baseline`. Limits are converted to the metric's base unit.
 * Compound conditions are YAML (`all:`, `any:`), and `previous` belongs to the stage: neither is read here. Never throws.
 */
export function parseCondition(text: string, context: ConditionContext): ParsedCondition {
  const cursor = createCursor(text);
  const condition = findCompound(cursor) ? null : parseOne(cursor, context);
  if (condition !== null && cursor.problems.length === 0) {
    const rest = cursor.peek();
    if (rest === null) return { kind: "ok", condition };
    reportRest(cursor);
  }
  return { kind: "bad", problems: cursor.problems };
}

function parseOne(cursor: Cursor, context: ConditionContext): Condition | null {
  const name = cursor.peek();
  if (name === null) {
    cursor.report("condition-syntax", "the condition is empty", "write one like p95 < 200ms", {
      first: null,
    });
    return null;
  }
  if (name.kind !== "word") {
    cursor.report(
      "condition-syntax",
      `a condition begins with a metric or check, not ${name.text}`,
      "write one like p95 < 200ms or db passes",
      { first: name },
    );
    return null;
  }
  const verb = cursor.peek(1);
  const isComparison =
    verb === null || verb.kind === "operator" || verb.text === "over" || verb.text === "[";
  if (!isComparison) return parseVerb(cursor, context);
  if (verb === null) return reportAlone(cursor, context);
  return parseComparison(cursor, context);
}

function parseComparison(cursor: Cursor, context: ConditionContext): Condition | null {
  const name = cursor.take();
  if (name === null) return null;
  const metric = context.metrics.get(name.text);
  if (metric === undefined) reportName(cursor, name, "metric", context);
  const unit = metric?.unit ?? null;
  const over = parseOver(cursor, name.text);
  const sign = cursor.peek();
  const operator = readOperator(cursor, unit);
  if (operator === null && sign?.kind !== "operator") return null;
  const limit = parseLimit(cursor, unit);
  const forMs = parseFor(cursor);
  if (operator === null || limit === null) return null;
  return {
    kind: "metric",
    text: cursor.text,
    metric: name.text,
    over,
    operator,
    limit,
    for: forMs,
  };
}

function parseFor(cursor: Cursor): Millis {
  const word = cursor.takeWord("for");
  if (word === null) return 0;
  const number = takeNumber(cursor);
  if (number === null) {
    cursor.report("condition-duration", "for how long?", "write for 5m", { first: word });
    return 0;
  }
  const read = parseDuration(number.text);
  if (read.kind === "ok") return read.value;
  cursor.report("condition-duration", read.message, read.fix, number);
  return 0;
}

function reportAlone(cursor: Cursor, context: ConditionContext): null {
  const name = cursor.peek();
  if (name === null) return null;
  const unit = context.metrics.get(name.text)?.unit;
  const driver = context.checks.get(name.text)?.driver;
  if (name.text === "previous" && unit === undefined && driver === undefined)
    cursor.report(
      "condition-syntax",
      "`previous` stands for the gates of earlier stages",
      "put it alone in a stage's `gates`",
      { first: name },
    );
  else if (unit !== undefined)
    cursor.report(
      "condition-syntax",
      `${name.text} is compared with nothing`,
      `write ${name.text} ${unit === "bool" ? "== true" : "< limit"}`,
      { first: name },
    );
  else if (driver !== undefined)
    cursor.report(
      "condition-syntax",
      `what about ${name.text}?`,
      `write ${name.text} ${driver === "confirm" ? "confirmed" : "passes"}`,
      { first: name },
    );
  else reportName(cursor, name, "either", context);
  return null;
}

function reportRest(cursor: Cursor): void {
  const first = cursor.peek();
  if (first === null) return;
  const rest = cursor.text.slice(first.offset).trimEnd();
  const last = { ...first, text: rest };
  if (first.text === "over")
    cursor.report(
      "condition-syntax",
      "`over` stands after the metric",
      "write it like error_rate over 1h < 1%",
      { first, last },
    );
  else if (first.text === "during" || first.text === "within" || first.text === "since")
    cursor.report(
      "condition-syntax",
      `${first.text} is not a word of conditions`,
      "write `for 5m` at the end, or `over 5m` after the metric",
      { first, last },
    );
  else
    cursor.report(
      "condition-syntax",
      `${rest} is one thing too many`,
      "end the condition before it",
      { first, last },
    );
}
