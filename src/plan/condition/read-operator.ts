import type { Operator } from "../../core/condition.ts";
import type { Unit } from "../../core/plan.ts";
import type { Cursor } from "./cursor.ts";

const OPERATORS: ReadonlySet<string> = new Set<Operator>(["<", "<=", ">", ">=", "==", "!="]);
const MEANT: Readonly<Record<string, Operator>> = {
  "=": "==",
  "===": "==",
  "=<": "<=",
  "=>": ">=",
  "≤": "<=",
  "≥": ">=",
  "≠": "!=",
  "<>": "!=",
  "!==": "!=",
  "!": "!=",
};

/** Reads the operator of a comparison and whether it suits the metric; null after a problem. */
export function readOperator(cursor: Cursor, unit: Unit | null): Operator | null {
  const token = cursor.peek();
  if (token?.kind !== "operator") {
    if (token !== null || cursor.problems.length === 0)
      cursor.report(
        "condition-syntax",
        `${token?.text ?? "the end"} stands where a comparison belongs`,
        "write one of < <= > >= == !=",
        { first: token },
      );
    return null;
  }
  cursor.take();
  if (!isOperator(token.text)) {
    const meant = Object.hasOwn(MEANT, token.text) ? MEANT[token.text] : undefined;
    cursor.report(
      "condition-syntax",
      `${token.text} is not a comparison`,
      meant === undefined ? "write one of < <= > >= == !=" : `write ${meant}`,
      { first: token },
    );
    return null;
  }
  if (unit === "bool" && token.text !== "==" && token.text !== "!=") {
    cursor.report(
      "condition-limit",
      `${token.text} compares nothing that is true or false`,
      "write == true or == false",
      { first: token },
    );
    return null;
  }
  return token.text;
}

function isOperator(text: string): text is Operator {
  return OPERATORS.has(text);
}
