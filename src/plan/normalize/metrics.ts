import type { Metric, Unit } from "../../core/plan.ts";
import type { Json } from "../../core/units.ts";
import type { MetricDriver } from "../../drivers/driver.ts";
import { decodeMap, expectMap, type Decoded } from "../decode/decode-map.ts";
import type { JsonMap } from "../decode/is-map.ts";
import type { SourcePath } from "../diagnostic.ts";
import type { Loading } from "../loading.ts";
import { parseQuantity } from "../scalars/parse-quantity.ts";
import { metricShape } from "../schema/metric-shape.ts";
import { checkName } from "./check-name.ts";
import { driverInput } from "./driver-input.ts";
import { metricSource } from "./metric-source.ts";
import type { Names } from "./names.ts";

const MAX_AGE = 300_000;
const TIMEOUT = 10_000;

export interface Metrics {
  readonly metrics: Readonly<Record<string, Metric>>;
  readonly names: Names["metrics"];
}

/** The metrics of a plan; limits, windows and baselines in base units. */
export function normalizeMetrics(
  loading: Loading,
  section: Json | undefined,
  connections: Names["connections"],
): Metrics {
  const metrics: Record<string, Metric> = {};
  const names = new Map<string, { readonly unit: Unit | null }>();
  for (const [name, given] of Object.entries(expectMap(loading, section, ["metrics"]) ?? {})) {
    const path = ["metrics", name];
    checkName(loading, name, path);
    loading.sourceOf.set(`metric:${name}`, path);
    const map = expectMap(loading, given, path);
    const metric = map === null ? null : normalize(loading, { name, map, path }, connections);
    names.set(name, { unit: metric?.unit ?? null });
    if (metric !== null) metrics[name] = metric;
  }
  return { metrics, names };
}

interface Given {
  readonly name: string;
  readonly map: JsonMap;
  readonly path: SourcePath;
}

function normalize(
  loading: Loading,
  { name, map, path }: Given,
  connections: Names["connections"],
): Metric | null {
  const common = Object.keys(metricShape);
  const decoded = decodeMap(loading, metricShape, map, path, "any");
  const source = metricSource(loading, { map, common, path }, connections);
  if (source === null) return null;
  const { driver, connection } = source;
  const query = driverInput(loading, { schema: driver.query, value: map, path, common });
  if (query === null) return null;
  lint(loading, driver, query, path);
  const unit = unitOf(loading, driver.unit(query), decoded, path, "unit" in map);
  if (unit === null) return null;
  const window = decoded.window === undefined ? null : decoded.window * loading.timeScale;
  return {
    name,
    driver: driver.type,
    connection,
    unit,
    query,
    minSamples: decoded.minSamples ?? 0,
    ...(decoded.confidence === undefined ? {} : { confidence: decoded.confidence }),
    ...evidenceOf(decoded, driver, query),
    ...maxOf(loading, decoded.max, unit, path),
    window: window ?? driver.window(query) ?? 0,
    baseline: statedOf(loading, { key: "baseline", given: decoded.baseline, unit, path }),
    maxAge: decoded.maxAge ?? MAX_AGE,
    timeout: decoded.timeout ?? TIMEOUT,
  };
}

/** How comparisons with stable are settled: by counts where the query gives them, else by one value of each arm a window. */
function evidenceOf(
  { confidence, designEffect, splitTolerance }: Decoded<typeof metricShape>,
  driver: MetricDriver<unknown, unknown>,
  query: JsonMap,
): Pick<Metric, "compares" | "designEffect" | "splitTolerance"> {
  const isCounted = driver.unit(query) === "ratio" && driver.counts?.(query) !== false;
  return {
    ...(confidence === undefined || isCounted ? {} : { compares: "means" }),
    ...(designEffect === undefined ? {} : { designEffect }),
    ...(splitTolerance === undefined ? {} : { splitTolerance: splitTolerance / 100 }),
  };
}

function lint(
  loading: Loading,
  driver: MetricDriver<unknown, unknown>,
  query: JsonMap,
  path: SourcePath,
): void {
  for (const { message, key, offset } of driver.lint(query)) {
    const part = offset === null ? undefined : { offset, length: 1 };
    const fix = `correct \`${key}\`, which the source would refuse`;
    loading.report([...path, key], { code: "query", message, fix, part });
  }
}

function unitOf(
  loading: Loading,
  derived: "ratio" | "count" | null,
  { unit: stated }: Decoded<typeof metricShape>,
  path: SourcePath,
  isStated: boolean,
): Unit | null {
  if (stated !== undefined && derived !== null && stated !== derived) {
    const message = `this query gives a ${derived}, not ${stated}`;
    loading.report([...path, "unit"], { code: "unit", message, fix: `write ${derived}` });
    // Which of the two its limits are in cannot be known.
    return null;
  }
  // Where the two differ, limits are meant for what the query gives.
  const unit = derived ?? stated ?? null;
  // A stated unit that is wrong was reported already.
  if (unit === null && !isStated) {
    const fix = "add `unit: s`, ratio, count, /s, /min, ratio/min, bytes, bool or none";
    const message = "the metric has no unit, so no limit can be read";
    loading.report(path, { code: "unit", message, fix, atKey: true });
  }
  return unit;
}

function maxOf(
  loading: Loading,
  given: string | number | undefined,
  unit: Unit,
  path: SourcePath,
): Pick<Metric, "max"> {
  const max = statedOf(loading, { key: "max", given, unit, path });
  if (max === null) return {};
  if (max > 0) return { max };
  const message = `max ${String(given)} is not above 0`;
  const fix = "write the most that a value may be, or leave it out";
  loading.report([...path, "max"], { code: "wrong-value", message, fix });
  return {};
}

interface Stated {
  readonly key: "baseline" | "max";
  readonly given: string | number | boolean | undefined;
  readonly unit: Unit;
  readonly path: SourcePath;
}

/** A value of the metric that the plan states, in its base unit. */
function statedOf(loading: Loading, { key, given, unit, path }: Stated): number | null {
  if (given === undefined) return null;
  const parsed = parseQuantity(given, unit);
  if (parsed.kind === "ok") return Number(parsed.value);
  const { message, fix } = parsed;
  loading.report([...path, key], { code: "wrong-value", message, fix });
  return null;
}
