import type { Limit, Reference } from "../../core/condition.ts";
import type { Unit } from "../../core/plan.ts";
import { nearest } from "../nearest.ts";
import { parsePoints } from "../scalars/parse-points.ts";
import { parseQuantity } from "../scalars/parse-quantity.ts";
import type { Cursor } from "./cursor.ts";
import { takeNumber } from "./take-number.ts";
import type { Token } from "./tokenize.ts";

const REFERENCES: readonly string[] = ["baseline", "stable"];

/**
 * Reads the right side of a comparison: a value with its unit, `1.2x baseline`, `baseline - 5%`, `baseline + 5pp`,
 * `true`. `unit` is the metric's, or null when the metric is not known: then units are not judged. Null after a problem.
 */
export function parseLimit(cursor: Cursor, unit: Unit | null): Limit | null {
  const first = cursor.peek();
  if (first === null || (first.kind === "word" && first.text === "for")) {
    cursor.report(
      "condition-limit",
      "the limit is missing",
      "write one like 200ms, 1% or 1.2x baseline",
      { first },
    );
    return null;
  }
  if (first.kind === "word") return parseWord(cursor, first, unit);
  if (first.kind === "number" || (first.kind === "sign" && cursor.peek(1)?.kind === "number"))
    return parseNumber(cursor, unit);
  cursor.take();
  cursor.report(
    "condition-limit",
    `${first.text} is not a limit`,
    "write one like 200ms, 1% or 1.2x baseline",
    { first },
  );
  return null;
}

function parseWord(cursor: Cursor, word: Token, unit: Unit | null): Limit | null {
  cursor.take();
  const span = { first: word };
  if (isReference(word)) return parseReference(cursor, word, unit);
  if (word.text === "true" || word.text === "false") {
    if (unit === null) return null;
    const read = parseQuantity(word.text === "true", unit);
    if (read.kind === "ok" && typeof read.value === "boolean")
      return { kind: "bool", value: read.value };
    if (read.kind === "bad") cursor.report("condition-limit", read.message, read.fix, span);
    return null;
  }
  const close = nearest(word.text, [...REFERENCES, "true", "false"]);
  const fix =
    close === null
      ? "a limit is a number with its unit, or 1.2x baseline; arithmetic between metrics belongs in the query"
      : `did you mean ${close}?`;
  cursor.report("condition-limit", `${word.text} is not a limit`, fix, span);
  return null;
}

/** After `baseline`: nothing, or a relative difference in %, or a difference in points or in the metric's own unit. */
function parseReference(cursor: Cursor, word: Token, unit: Unit | null): Limit | null {
  const to = word.text as Reference;
  if (unit === "bool") return refuseBool(cursor, word);
  const next = cursor.peek();
  if (next !== null && (next.text === "*" || next.text === "x" || next.text === "×")) {
    cursor.take();
    const factor = cursor.peek()?.kind === "number" ? cursor.take() : null;
    const fix = `write ${(factor?.text ?? "1.2").replace(/x$/, "")}x ${to}`;
    cursor.report("condition-limit", `the factor stands before ${to}`, fix, {
      first: word,
      last: factor ?? next,
    });
    return null;
  }
  if (next?.kind !== "sign") return { kind: "relative", to, factor: 1 };
  cursor.take();
  const number = takeNumber(cursor);
  if (number === null) {
    cursor.report("condition-limit", `${to} ${next.text} what?`, `write ${to} ${next.text} 5%`, {
      first: word,
      last: next,
    });
    return null;
  }
  return parseDifference(cursor, { to, sign: next.text === "-" ? -1 : 1, ...number }, unit);
}

interface Difference {
  readonly to: Reference;
  readonly sign: 1 | -1;
  readonly text: string;
  readonly first: Token;
  readonly last: Token;
}

function parseDifference(cursor: Cursor, difference: Difference, unit: Unit | null): Limit | null {
  const { to, sign, text } = difference;
  const refuse = (message: string, fix: string | null): null => {
    cursor.report("condition-limit", message, fix, difference);
    return null;
  };
  if (text.endsWith("%")) {
    const share = parseQuantity(text, "ratio");
    if (share.kind === "bad") return refuse(share.message, share.fix);
    // Rounded where doubles are exact enough: 1 - 0.05 must not become 0.9500000000000001 in a digest.
    const factor = Number((1 + sign * Number(share.value)).toPrecision(15));
    if (factor < 0)
      return refuse(`${to} - ${text} is less than nothing`, `write points, like ${to} - 5pp`);
    return { kind: "relative", to, factor };
  }
  const isPoints = text.endsWith("pp") || text.endsWith("pp/min");
  if (isPoints && unit !== null && unit !== "ratio" && unit !== "ratio/min")
    return refuse(
      `${text} is in points, and this metric is no ratio`,
      `write ${to} ${sign < 0 ? "-" : "+"} 5%`,
    );
  if (unit === null) return null;
  if (unit.startsWith("ratio") && !isPoints && /^[\d.]+$/.test(text))
    return refuse(
      `${text} after ${to} has no unit`,
      `write ${text}% (relative) or ${text}pp (points)`,
    );
  const add = isPoints ? parsePoints(text) : parseQuantity(text, unit);
  if (add.kind === "bad") return refuse(add.message, add.fix);
  return { kind: "offset", to, add: sign * Number(add.value) + 0 };
}

function parseNumber(cursor: Cursor, unit: Unit | null): Limit | null {
  const sign = cursor.peek()?.kind === "sign" ? cursor.take() : null;
  const number = takeNumber(cursor);
  if (number === null) return null;
  const text = `${sign?.text ?? ""}${number.text}`;
  const span = { first: sign ?? number.first, last: number.last };
  const [, factor, glued] = /^(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s?[x×](.*)$/.exec(text) ?? [];
  if (factor !== undefined)
    return parseFactor(cursor, { factor, glued: glued ?? "", ...span }, unit);
  const ofWord = cursor.peek()?.text === "of" ? cursor.peek(1) : cursor.peek();
  if (ofWord !== null && isReference(ofWord)) {
    if (cursor.peek()?.text === "of") cursor.take();
    cursor.take();
    const [, percent] = /^(\d+(?:\.\d+)?)%$/.exec(text) ?? [];
    const times = percent === undefined ? "1.2" : Number((Number(percent) / 100).toPrecision(12));
    cursor.report(
      "condition-limit",
      `${text} ${ofWord.text} is not how a relative limit is written`,
      `write ${times}x ${ofWord.text}`,
      { first: span.first, last: ofWord },
    );
    return null;
  }
  if (unit === null) return null;
  const read = parseQuantity(text, unit);
  if (read.kind === "bad") {
    cursor.report("condition-limit", read.message, read.fix, span);
    return null;
  }
  return typeof read.value === "boolean" ? null : { kind: "number", value: read.value };
}

interface Factor {
  readonly factor: string;
  readonly glued: string;
  readonly first: Token;
  readonly last: Token;
}

/** `1.2x` and its reference. */
function parseFactor(
  cursor: Cursor,
  { factor, glued, first, last }: Factor,
  unit: Unit | null,
): Limit | null {
  const reference = glued === "" ? cursor.peek() : null;
  if (reference !== null && isReference(reference)) {
    cursor.take();
    if (last.text.includes("×") || first !== last) {
      cursor.report(
        "condition-limit",
        `${factor} × is not how a factor is written`,
        `write ${factor}x ${reference.text}`,
        { first, last: reference },
      );
      return null;
    }
    if (unit === "bool") return refuseBool(cursor, reference);
    return { kind: "relative", to: reference.text as Reference, factor: Number(factor) };
  }
  const to = REFERENCES.includes(glued) ? glued : "baseline";
  cursor.report("condition-limit", `${factor}x of what?`, `write ${factor}x ${to}`, {
    first,
    last,
  });
  return null;
}

function refuseBool(cursor: Cursor, word: Token): null {
  cursor.report(
    "condition-limit",
    `${word.text} of a metric that is true or false`,
    "write == true or == false",
    { first: word },
  );
  return null;
}

function isReference(token: Token): boolean {
  return token.kind === "word" && REFERENCES.includes(token.text);
}
