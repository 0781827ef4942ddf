import type { Condition, Limit } from "../../core/condition.ts";
import type { Unit } from "../../core/plan.ts";
import type { Millis } from "../../core/units.ts";
import { printQuantity } from "../scalars/print-quantity.ts";
import type { ConditionContext } from "./condition-context.ts";

/**
 * Writes a condition in its one obvious form, whatever form its author used. `parseCondition` reads a simple one back to
 * the same condition; a compound one is written as YAML flow: `{ any: [ … ], for: 5m }`.
 */
export function printCondition(condition: Condition, context: ConditionContext): string {
  switch (condition.kind) {
    case "check":
      return `${condition.check} ${condition.wants}`;
    case "confirmed":
      return `${condition.check} confirmed`;
    case "all":
    case "any": {
      const parts = condition.of.map((part) => printCondition(part, context)).join(", ");
      const lasting = condition.for === 0 ? "" : `, for: ${printDuration(condition.for)}`;
      return `{ ${condition.kind}: [ ${parts} ]${lasting} }`;
    }
    case "metric": {
      const { metric, over, operator, limit } = condition;
      const unit = context.metrics.get(metric)?.unit ?? "none";
      const span =
        over === null ? "" : ` over ${over.kind === "window" ? printDuration(over.ms) : over.kind}`;
      const lasting = condition.for === 0 ? "" : ` for ${printDuration(condition.for)}`;
      return `${metric}${span} ${operator} ${printLimit(limit, unit)}${lasting}`;
    }
  }
}

function printLimit(limit: Limit, unit: Unit): string {
  switch (limit.kind) {
    case "bool":
      return String(limit.value);
    case "number":
      return printQuantity(limit.value, unit);
    case "relative":
      return limit.factor === 1 ? limit.to : `${limit.factor}x ${limit.to}`;
    case "offset": {
      const size = printQuantity(Math.abs(limit.add), unit);
      const points = unit.startsWith("ratio") ? size.replace("%", "pp") : size;
      return `${limit.to} ${limit.add < 0 ? "-" : "+"} ${points}`;
    }
  }
}

function printDuration(ms: Millis): string {
  if (ms % 86_400_000 === 0) return `${ms / 86_400_000}d`;
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000}h`;
  if (ms % 60_000 === 0) return `${ms / 60_000}m`;
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}
