import type { Condition, Over } from "./condition.ts";
import type { Measurement } from "./effect.ts";

/** The name of a question to a metric source: equal questions have equal keys and are sent once a tick. */
export function measurementKey(metric: string, over: Over | null): string {
  if (over === null) return metric;
  return over.kind === "window" ? `${metric} over ${over.ms}ms` : `${metric} over ${over.kind}`;
}

/** The questions that a condition asks. */
export function measurementsOf(condition: Condition): readonly Measurement[] {
  if (condition.kind === "metric") {
    return [
      {
        key: measurementKey(condition.metric, condition.over),
        metric: condition.metric,
        over: condition.over,
      },
    ];
  }
  return condition.kind === "all" || condition.kind === "any"
    ? condition.of.flatMap(measurementsOf)
    : [];
}

/** The checks that a condition asks for; confirmations are not among them. */
export function checksOf(condition: Condition): readonly string[] {
  if (condition.kind === "check") return [condition.check];
  return condition.kind === "all" || condition.kind === "any" ? condition.of.flatMap(checksOf) : [];
}

/** The confirmations that a condition waits for. */
export function confirmationsOf(condition: Condition): readonly string[] {
  if (condition.kind === "confirmed") return [condition.check];
  return condition.kind === "all" || condition.kind === "any"
    ? condition.of.flatMap(confirmationsOf)
    : [];
}
