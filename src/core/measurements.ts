import type { Condition, Over } from "./condition.ts";
import type { Measurement } from "./effect.ts";

/** The name of a question to a metric source: equal questions have equal keys and are sent once a tick. */
export function measurementKey(metric: string, over: Over | null, arm?: "stable"): string {
  const name = arm === undefined ? metric : `${metric}@${arm}`;
  if (over === null) return name;
  return over.kind === "window" ? `${name} over ${over.ms}ms` : `${name} over ${over.kind}`;
}

/** The questions that a condition asks; one with a limit relative to the stable arm asks that arm too. */
export function measurementsOf(condition: Condition): readonly Measurement[] {
  if (condition.kind === "metric") {
    const { metric, over, limit } = condition;
    const canary = { key: measurementKey(metric, over), metric, over };
    if ((limit.kind !== "relative" && limit.kind !== "offset") || limit.to !== "stable")
      return [canary];
    return [canary, { key: measurementKey(metric, over, "stable"), metric, over, arm: "stable" }];
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
