import type { Json } from "../../core/units.ts";
import type { JsonMap } from "../decode/is-map.ts";

/** Kinds whose subject is the name of a connection where others have an address: `log: app-log`, `metrics: app`. */
const NAMING: ReadonlySet<string> = new Set(["log", "metrics"]);

interface Subject {
  readonly named: Json | undefined;
  readonly input: Json;
  /** The key that names the connection. */
  readonly key: string;
}

/** What a check or an evidence item says about its connection. `types`: those that it can go through. */
export function subjectOf(map: JsonMap, kind: string, types: readonly string[]): Subject {
  const subject = map[kind];
  const isNamed = map["connection"] !== undefined || typeof subject !== "string";
  // A workload is no name: its cluster is the one that fits.
  const names = NAMING.has(kind) && !isNamed && types.length > 0 && !subject.includes("/");
  return names
    ? { named: subject, input: null, key: kind }
    : { named: map["connection"], input: map, key: "connection" };
}
