import type { PromSeries } from "./ask-prometheus.ts";
import { errorSample, noDataSample, type NoValue } from "./sample-of.ts";

export type One = { readonly kind: "one"; readonly value: number; readonly at: number };

/** The one number of an answer, or why there is none. Several series are never merged: which one is meant is not ours to guess. */
export function oneSeries(
  series: readonly PromSeries[],
  what: string,
  advice = "aggregate them, as sum() does",
): One | NoValue {
  const [first] = series;
  if (first === undefined) return noDataSample(`${what} gave no series`);
  if (series.length > 1)
    return errorSample(`${what} gave ${series.length} series${differing(series)}: ${advice}`);
  if (first.value === null)
    return errorSample(
      `${what} gave a native histogram: take a number from it, as histogram_quantile() does`,
    );
  if (Number.isNaN(first.value)) return noDataSample(`${what} is NaN: nothing to divide by`);
  if (!Number.isFinite(first.value))
    return errorSample(`${what} is ${first.value > 0 ? "+Inf" : "-Inf"}: it divides by zero`);
  return { kind: "one", value: first.value, at: first.at };
}

const MAX_LABELS = 3;
const MAX_VALUES = 3;

function differing(series: readonly PromSeries[]): string {
  const names = new Set(series.flatMap(({ labels }) => Object.keys(labels)));
  const told: string[] = [];
  for (const name of [...names].toSorted()) {
    const values = [...new Set(series.map(({ labels }) => labels[name] ?? ""))];
    if (values.length === 1) continue;
    const shown = values.slice(0, MAX_VALUES).map((value) => JSON.stringify(value));
    told.push(`${name} (${shown.join(", ")}${values.length > MAX_VALUES ? ", …" : ""})`);
  }
  if (told.length === 0) return "";
  const more = told.length > MAX_LABELS ? " and more" : "";
  return ` that differ in ${told.slice(0, MAX_LABELS).join(", ")}${more}`;
}
