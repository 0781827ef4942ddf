import type { Evidence } from "../../core/plan.ts";
import type { Json } from "../../core/units.ts";
import { show } from "../decode/show.ts";
import { unknownName } from "../decode/unknown-name.ts";
import type { SourcePath } from "../diagnostic.ts";
import type { Loading } from "../loading.ts";
import type { Names } from "./names.ts";

/** The kinds of evidence that the runner measures itself: they name metrics. */
export const MEASURED = ["metric", "table"] as const;

type Taken = Pick<Evidence, "connection" | "input">;

/** What is taken by `metric: p95` or `table: [p95, error_rate]`. Null, and reported, where a metric is not there. */
export function measuredEvidence(
  loading: Loading,
  kind: (typeof MEASURED)[number],
  given: Json | undefined,
  path: SourcePath,
  names: Names,
): Taken | null {
  const place = [...path, kind];
  if (kind === "metric")
    return isMetric(loading, given, place, names)
      ? { connection: null, input: { metric: given } }
      : null;
  if (!Array.isArray(given) || given.length === 0) {
    const message = Array.isArray(given)
      ? "this table has no columns"
      : `${show(given, loading.source.written(place))} is not a list of metrics`;
    const fix = `write table: [ ${[...names.metrics.keys()].slice(0, 2).join(", ") || "p95"} ]`;
    loading.report(place, { code: "wrong-type", message, fix });
    return null;
  }
  const columns = (given as readonly Json[]).filter((name, index): name is string =>
    isMetric(loading, name, [...place, index], names),
  );
  for (const [index, name] of columns.entries()) {
    if (columns.indexOf(name) === index) continue;
    const message = `${name} stands twice in this table`;
    loading.report([...place, index], { code: "duplicate", message, fix: "keep one of them" });
  }
  return columns.length < given.length ? null : { connection: null, input: { metrics: columns } };
}

function isMetric(
  loading: Loading,
  name: Json | undefined,
  path: SourcePath,
  names: Names,
): name is string {
  if (typeof name === "string" && names.metrics.has(name)) return true;
  const asked = typeof name === "string" ? name : show(name, loading.source.written(path));
  const message = `there is no metric ${asked}`;
  const fix = unknownName(asked, [...names.metrics.keys()]) ?? "define it under `metrics`";
  loading.report(path, { code: "unknown-metric", message, fix });
  return false;
}
