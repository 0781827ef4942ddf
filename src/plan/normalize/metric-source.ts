import type { MetricDriver } from "../../drivers/driver.ts";
import type { JsonMap } from "../decode/is-map.ts";
import { schemaKeys } from "../decode/schema-keys.ts";
import { show } from "../decode/show.ts";
import { unknownName } from "../decode/unknown-name.ts";
import type { SourcePath } from "../diagnostic.ts";
import type { Loading } from "../loading.ts";
import type { Names } from "./names.ts";

interface Source {
  readonly connection: string;
  readonly driver: MetricDriver<unknown, unknown>;
}

interface Asked {
  readonly map: JsonMap;
  /** Keys of every metric, which say nothing about its source. */
  readonly common: readonly string[];
  readonly path: SourcePath;
}

/** The source that a metric asks: the named connection, or the only one that its keys fit. */
export function metricSource(
  loading: Loading,
  asked: Asked,
  connections: Names["connections"],
): Source | null {
  const { metrics } = loading.catalog;
  const sources: Source[] = [...connections].flatMap(([connection, { type }]) => {
    const driver = metrics.get(type);
    return driver === undefined ? [] : [{ connection, driver }];
  });
  const named = asked.map["connection"];
  if (named !== undefined) return byName(loading, named, asked.path, { connections, sources });
  const keys = Object.keys(asked.map).filter((key) => !asked.common.includes(key));
  const query = Object.fromEntries(
    Object.entries(asked.map).filter(([key]) => !asked.common.includes(key)),
  );
  const valid = sources.filter(({ driver }) => driver.query.safeParse(query).success);
  const likely = valid.length > 0 ? speaking(valid, query) : mostKeys(sources, keys);
  if (likely.length === 1) return likely[0] ?? null;
  const problem = { code: "which-connection", atKey: true } as const;
  if (sources.length === 0) {
    // The connection that was meant may be one that was reported.
    if (loading.isBroken(["connections"])) return null;
    const message = "no connection can answer metrics";
    const fix = `add one under \`connections\`, of type ${[...metrics.keys()].join(", ")}`;
    loading.report(asked.path, { ...problem, message, fix });
    return null;
  }
  const list = (likely.length === 0 ? sources : likely).map(({ connection }) => connection);
  const message = `several connections may answer this metric: ${list.join(", ")}`;
  loading.report(asked.path, { ...problem, message, fix: `add \`connection: ${list[0] ?? ""}\`` });
  return null;
}

/** Of several sources the one whose language the query is in: the only one that can read it, or read a range in it. */
function speaking(valid: readonly Source[], query: JsonMap): readonly Source[] {
  const reading = valid.filter(({ driver }) => driver.lint(query).length === 0);
  const ranged = reading.filter(({ driver }) => driver.window(query) !== null);
  return [ranged, reading].find((sources) => sources.length === 1) ?? valid;
}

/** The sources that know most of the keys, so that a misspelt one is told as such. */
function mostKeys(sources: readonly Source[], keys: readonly string[]): readonly Source[] {
  const scored = sources.map((source) => {
    const own = schemaKeys(source.driver.query, []);
    return { source, known: keys.filter((key) => own.includes(key)).length };
  });
  const most = Math.max(...scored.map(({ known }) => known));
  return scored.filter(({ known }) => known === most).map(({ source }) => source);
}

function byName(
  loading: Loading,
  named: JsonMap[string],
  path: SourcePath,
  known: { readonly connections: Names["connections"]; readonly sources: readonly Source[] },
): Source | null {
  const name = typeof named === "string" ? named : show(named);
  const found = known.sources.find(({ connection }) => connection === name);
  if (found !== undefined) return found;
  const candidates = known.sources.map(({ connection }) => connection);
  const type = known.connections.get(name)?.type;
  const place = [...path, "connection"];
  if (type === undefined) {
    // A connection whose own type is wrong was reported there.
    if (loading.isBroken(["connections", name])) return null;
    const fix = unknownName(name, candidates) ?? "define it under `connections`";
    const message = `there is no connection ${name}`;
    loading.report(place, { code: "unknown-connection", message, fix });
  } else {
    const message = `${name} is a connection of type ${type}, which answers no metrics`;
    const fix = unknownName("", candidates) ?? "add a connection that does";
    loading.report(place, { code: "which-connection", message, fix });
  }
  return null;
}
