import type { Over } from "../../core/condition.ts";
import { parseDuration } from "../scalars/parse-duration.ts";
import type { Cursor } from "./cursor.ts";
import { takeNumber } from "./take-number.ts";

/** `over 1h`, `over stage`, `over rollout`; null when there is none, or after a problem. */
export function parseOver(cursor: Cursor, metric: string): Over | null {
  if (cursor.peek()?.text === "[") return refuseBrackets(cursor, metric);
  const over = cursor.takeWord("over");
  if (over === null) return null;
  const word = cursor.peek();
  if (word?.kind === "word" && (word.text === "stage" || word.text === "rollout")) {
    cursor.take();
    return { kind: word.text };
  }
  const number = takeNumber(cursor);
  if (number === null) {
    skipToOperator(cursor);
    cursor.report(
      "condition-duration",
      `over ${word?.text ?? "what"}?`,
      "write over 1h, over stage or over rollout",
      { first: over, last: word ?? over },
    );
    return null;
  }
  if (number.text.includes("%") || cursor.peek()?.kind !== "operator") {
    cursor.report(
      "condition-syntax",
      `over ${number.text} is a window, and no comparison follows`,
      `write ${metric} > ${number.text}, or ${metric} over 1h > ${number.text}`,
      { first: over, last: number.last },
    );
    return null;
  }
  const read = parseDuration(number.text);
  if (read.kind === "bad") cursor.report("condition-duration", read.message, read.fix, number);
  else if (read.value === 0)
    cursor.report(
      "condition-duration",
      "a window of 0 holds nothing",
      "leave `over` out for the metric's own window",
      number,
    );
  return read.kind === "ok" ? { kind: "window", ms: read.value } : null;
}

function refuseBrackets(cursor: Cursor, metric: string): null {
  const bracket = cursor.peek();
  const window = cursor.peek(1);
  const range = window?.kind === "number" ? window.text : "5m";
  skipToOperator(cursor);
  const fix = `write ${metric} over ${range}`;
  const span = { first: bracket, last: window };
  cursor.report("condition-syntax", "a window is not written in brackets", fix, span);
  return null;
}

function skipToOperator(cursor: Cursor): void {
  while (cursor.peek() !== null && cursor.peek()?.kind !== "operator") cursor.take();
}
