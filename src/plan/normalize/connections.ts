import type { Connection } from "../../core/plan.ts";
import type { Json } from "../../core/units.ts";
import { expectMap } from "../decode/decode-map.ts";
import { unknownName } from "../decode/unknown-name.ts";
import type { Loading } from "../loading.ts";
import { checkName } from "./check-name.ts";
import { driverInput } from "./driver-input.ts";

export interface Connections {
  readonly connections: Readonly<Record<string, Connection>>;
  /** All that are named, also those whose config is wrong. */
  readonly names: ReadonlyMap<string, { readonly type: string }>;
}

/** The connections of a plan. */
export function normalizeConnections(loading: Loading, section: Json | undefined): Connections {
  const connections: Record<string, Connection> = {};
  const names = new Map<string, { readonly type: string }>();
  for (const [name, given] of Object.entries(expectMap(loading, section, ["connections"]) ?? {})) {
    const path = ["connections", name];
    checkName(loading, name, path);
    loading.sourceOf.set(`connection:${name}`, path);
    const map = expectMap(loading, given, path);
    if (map === null) continue;
    const type = typeOf(loading, map["type"], path);
    if (type === null) continue;
    names.set(name, { type });
    const schema = loading.catalog.connections.get(type)?.config;
    if (schema === undefined) continue;
    const config = driverInput(loading, { schema, value: map, path, common: ["type"] });
    if (config !== null) connections[name] = { name, type, config };
  }
  return { connections, names };
}

function typeOf(loading: Loading, given: Json | undefined, path: string[]): string | null {
  const types = [...loading.catalog.connections.keys()];
  if (typeof given === "string" && types.includes(given)) return given;
  if (given === undefined) {
    const fix = `add \`type: …\`: ${types.join(", ")}`;
    loading.report(path, { code: "missing-key", message: "`type` is missing", fix, atKey: true });
    return null;
  }
  const type = typeof given === "string" ? given : JSON.stringify(given);
  if (type === "local") {
    const message = "this machine needs no connection: what names none runs here";
    const fix = "remove it, and each `connection:` that names it";
    loading.report([...path, "type"], { code: "not-supported", message, fix });
    return null;
  }
  const message = `there is no connection type ${type}`;
  const problem = { code: "unknown-type", message, fix: unknownName(type, types) } as const;
  loading.report([...path, "type"], problem);
  return null;
}
