import type { Json } from "../../core/units.ts";
import { reportUnknownKey } from "../decode/decode-map.ts";
import type { JsonMap } from "../decode/is-map.ts";
import { schemaKeys } from "../decode/schema-keys.ts";
import { unknownName } from "../decode/unknown-name.ts";
import type { SourcePath } from "../diagnostic.ts";
import type { Loading } from "../loading.ts";
import { reactionShape } from "../schema/reaction-shape.ts";
import { driverInput } from "./driver-input.ts";
import type { Names } from "./names.ts";

export interface NamedSink {
  readonly name: string;
  readonly type: string;
}

/** The connections that are told. One that does not exist, or that takes no messages, is reported. */
export function sinksOf(
  loading: Loading,
  to: readonly string[],
  path: SourcePath,
  { connections }: Names,
): readonly NamedSink[] {
  const { sinks } = loading.catalog;
  const fits = [...connections].flatMap(([name, { type }]) => (sinks.has(type) ? [name] : []));
  return to.flatMap((name, index) => {
    const place = placeOf(loading, [...path, "to"], to.length, index);
    const type = connections.get(name)?.type;
    if (type !== undefined && sinks.has(type)) return [{ name, type }];
    // A connection whose own type is wrong was reported there.
    if (type === undefined && loading.isBroken(["connections", name])) return [];
    if (type === undefined) {
      const known = unknownName(name, fits.length === 0 ? [...connections.keys()] : fits);
      const fix = known ?? "define it under `connections`";
      const message = `there is no connection ${name}`;
      loading.report(place, { code: "unknown-connection", message, fix });
    } else {
      const message = `${name} is a connection of type ${type}, which takes no messages`;
      const fix =
        fits.length === 0
          ? `add one of type ${[...sinks.keys()].join(", ")}`
          : `write ${fits.join(" or ")}`;
      loading.report(place, { code: "which-connection", message, fix });
    }
    return [];
  });
}

/** In a list it is the item that is wrong, not the list. */
function placeOf(loading: Loading, path: SourcePath, count: number, index: number): SourcePath {
  return count > 1 || loading.source.written([...path, index]) !== null ? [...path, index] : path;
}

/** The keys of all sinks that may stand in a line of `on:`. */
export function ownKeys(loading: Loading): readonly string[] {
  const schemas = [...loading.catalog.sinks.values()].flatMap(({ options }) => options ?? []);
  return [...new Set(schemas.flatMap((schema) => schemaKeys(schema, [])))];
}

/** Each sink with the keys of the line that are its own. A key that none of them has is reported. */
export function optionsOf(
  loading: Loading,
  map: JsonMap,
  path: SourcePath,
  named: readonly NamedSink[],
): readonly { readonly name: string; readonly options: Readonly<Record<string, Json>> }[] {
  const { sinks } = loading.catalog;
  const keysOf = ({ type }: NamedSink): readonly string[] => {
    const options = sinks.get(type)?.options ?? null;
    return options === null ? [] : schemaKeys(options, []);
  };
  const own = new Set(named.flatMap(keysOf));
  const common = ["if", "unless", "evidence", ...Object.keys(reactionShape)];
  const strange = Object.keys(map).filter((key) => !common.includes(key) && !own.has(key));
  // Keys that no sink has at all were reported before.
  for (const key of strange.filter((key) => ownKeys(loading).includes(key)))
    if (named.length > 0) reportUnknownKey(loading, [...path, key], [...common, ...own]);
  return named.flatMap((sink) => {
    const schema = sinks.get(sink.type)?.options ?? null;
    if (schema === null) return [{ name: sink.name, options: {} }];
    const keys = keysOf(sink);
    const value = Object.fromEntries(Object.entries(map).filter(([key]) => keys.includes(key)));
    const options = driverInput(loading, { schema, value, path, common });
    return options === null ? [] : [{ name: sink.name, options }];
  });
}
