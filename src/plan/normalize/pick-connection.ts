import type { Json } from "../../core/units.ts";
import { isMap } from "../decode/is-map.ts";
import { unknownName } from "../decode/unknown-name.ts";
import type { SourcePath } from "../diagnostic.ts";
import type { Loading } from "../loading.ts";
import type { Names } from "./names.ts";

interface Asked {
  /** What the plan says; undefined where it leaves the connection out. */
  readonly named: Json | undefined;
  /** The types that the driver works on; empty where it needs no connection. */
  readonly types: readonly string[];
  /** The driver's input, which tells whether an address of a connection is used. */
  readonly input: Json;
  /** Where the thing stands. */
  readonly path: SourcePath;
  /** The key that names the connection; without it `connection`. */
  readonly key?: string;
}

/** The connection that a thing goes through: the named one, or the only one that fits. Null where it needs none. */
export function pickConnection(
  loading: Loading,
  names: Pick<Names, "connections">,
  asked: Asked,
): string | null {
  const { types, path } = asked;
  const fitting = [...names.connections].filter(([, { type }]) => types.includes(type));
  const named = fitting.map(([name]) => name);
  if (asked.named !== undefined) return check(loading, names, asked, named);
  // Another machine is named, never meant: without a name it is this one.
  if (types.length === 0 || types.includes("ssh")) return null;
  // So is a place that is told of the rollout, beside an API that is not.
  const { sinks } = loading.catalog;
  const meant = fitting.filter(([, { type }]) => types.length === 1 || !sinks.has(type));
  const fits = meant.map(([name]) => name);
  if (fits.length === 1) return fits[0] ?? null;
  const addressed = types.includes("http");
  if (addressed && !usesPath(asked.input)) return null;
  // The one that is missing may be one that could not be read, which was reported there.
  if (fits.length === 0 && loading.isBroken(["connections"])) return null;
  const [message, fix] =
    fits.length === 0
      ? [`no connection of type ${types.join(" or ")} is there`, missing(types, addressed)]
      : [`several connections fit: ${fits.join(", ")}`, `add \`connection: ${fits[0] ?? ""}\``];
  loading.report(path, { code: "which-connection", message, fix });
  return null;
}

function missing(types: readonly string[], addressed: boolean): string {
  const [type = ""] = types;
  if (addressed) return "write the full address, or add one";
  const more = type === "kubectl" ? ", context: …, namespace: …" : ", …";
  return `add connections: { ${type === "kubectl" ? "cluster" : type}: { type: ${type}${more} } }`;
}

function check(
  loading: Loading,
  names: Pick<Names, "connections">,
  { named, types, path, key = "connection" }: Asked,
  fits: readonly string[],
): string | null {
  const place = [...path, key];
  const name = typeof named === "string" ? named : "";
  const type = names.connections.get(name)?.type;
  if (types.length === 0) {
    const message = "this needs no connection";
    loading.report(place, { code: "which-connection", message, fix: "remove it", atKey: true });
    return null;
  }
  if (type === undefined) {
    // A connection whose own type is wrong was reported there.
    if (loading.isBroken(["connections", name])) return null;
    const fix = unknownName(name, fits.length === 0 ? [...names.connections.keys()] : fits);
    const message = `there is no connection ${name}`;
    const problem = { code: "unknown-connection", message } as const;
    loading.report(place, { ...problem, fix: fix ?? "define it under `connections`" });
    return null;
  }
  if (types.includes(type)) return name;
  const message = `${name} is a connection of type ${type}, and this needs ${types.join(" or ")}`;
  const fix = fits.length === 0 ? "add one under `connections`" : `write ${fits.join(" or ")}`;
  loading.report(place, { code: "which-connection", message, fix });
  return null;
}

const ADDRESSES: ReadonlySet<string> = new Set(["GET", "POST", "PUT", "PATCH", "DELETE", "http"]);

/** Whether an address is only a path, which is joined to that of a connection. */
function usesPath(input: Json): boolean {
  if (Array.isArray(input)) return input.some(usesPath);
  if (!isMap(input)) return false;
  return Object.entries(input).some(
    ([key, value]) =>
      (ADDRESSES.has(key) && typeof value === "string" && value.startsWith("/")) ||
      (key !== "json" && usesPath(value)),
  );
}
