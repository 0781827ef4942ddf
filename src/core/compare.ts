import type { Operator } from "./condition.ts";

/** Compares as the condition language does; a boolean equals only a boolean. */
export function compare(
  value: number | boolean,
  operator: Operator,
  limit: number | boolean,
): boolean {
  switch (operator) {
    case "<":
      return value < limit;
    case "<=":
      return value <= limit;
    case ">":
      return value > limit;
    case ">=":
      return value >= limit;
    case "==":
      return value === limit;
    case "!=":
      return value !== limit;
  }
}
