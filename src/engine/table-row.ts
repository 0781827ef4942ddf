import type { Plan } from "../core/plan.ts";
import type { Sample } from "../core/sample.ts";
import { showValue } from "../core/show-value.ts";
import type { WallTime } from "../core/units.ts";

/** The first lines of a Markdown table of metrics. */
export function tableHead(metrics: readonly string[]): string {
  const rule = metrics.map(() => "---:").join(" | ");
  return `| time (UTC) | ${metrics.join(" | ")} |\n| --- | ${rule} |\n`;
}

/** One row: the time, and what each metric was then. A metric that could not be read says so in its cell. */
export function tableRow(
  plan: Plan,
  metrics: readonly string[],
  samples: readonly Sample[],
  at: WallTime,
): string {
  const time = new Date(at).toISOString().slice(0, 19).replace("T", " ");
  const cells = samples.map((sample, index) => cell(plan, metrics[index] ?? "", sample));
  return `| ${time} | ${cells.join(" | ")} |\n`;
}

/** The time of the last row of a table; null where it has none. */
export function lastRowTime(table: string): WallTime | null {
  const times = [...table.matchAll(/^\| (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) \|/gmu)];
  const last = times.at(-1);
  return last === undefined ? null : Date.parse(`${last[1]}T${last[2]}Z`);
}

const BLIND = {
  inconclusive: "none counted",
  noData: "no data",
  stale: "stale",
  error: "error",
} as const;

function cell(plan: Plan, name: string, sample: Sample): string {
  if (sample.kind !== "value") return BLIND[sample.kind];
  const { unit = "none", minSamples = 0 } = plan.metrics[name] ?? {};
  const shown = showValue(sample.value, unit);
  const few = sample.samples !== null && sample.samples < minSamples;
  return few ? `${shown} (${sample.samples} samples)` : shown;
}
