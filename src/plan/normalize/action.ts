import type { Action } from "../../core/plan.ts";
import type { Json, Percent } from "../../core/units.ts";
import type { ActionDriver } from "../../drivers/driver.ts";
import { decodeMap, expectMap, reportUnknownKey } from "../decode/decode-map.ts";
import { isMap, type JsonMap } from "../decode/is-map.ts";
import { schemaKeys } from "../decode/schema-keys.ts";
import { show } from "../decode/show.ts";
import type { SourcePath } from "../diagnostic.ts";
import type { Loading } from "../loading.ts";
import { actionShape } from "../schema/action-shape.ts";
import { actionTitle } from "./action-title.ts";
import { driverInput, refusalOf } from "./driver-input.ts";
import type { Names } from "./names.ts";
import { outputsOf } from "./outputs-of.ts";
import { pickConnection } from "./pick-connection.ts";

/** No write may take longer: its outcome is unknown then. */
const LONGEST_WRITE = 30_000;
const READY = 300_000;
const BESIDE = ["if", "undo"];

export interface ActionPlace {
  readonly value: Json;
  readonly path: SourcePath;
  /** What its id begins with: `pilot/1`. */
  readonly prefix: string;
  readonly role: Action["role"];
  readonly share: Percent | null;
}

/** An action of a list. Null, and reported, where it has no verb or its driver cannot read it. */
export function normalizeAction(loading: Loading, place: ActionPlace, names: Names): Action | null {
  const { value } = place;
  if (typeof value === "string" && loading.catalog.actions.has(value.trim())) {
    const message = `${value.trim()} does not say with what`;
    const fix = `write ${value.trim()}: { … }`;
    loading.report(place.path, { code: "wrong-type", message, fix });
    return null;
  }
  const map = expectMap(loading, value, place.path);
  const verb = map === null ? null : verbOf(loading, map, place.path);
  const driver = verb === null ? undefined : loading.catalog.actions.get(verb);
  if (map === null || driver === undefined) return null;
  // Keys that are neither of every action nor a verb are `verbOf`'s to report.
  const common = decodeMap(loading, actionShape, map, place.path, "any");
  const own = ownInput(loading, driver, map, place.path, names);
  const id = `${place.prefix}-${driver.kind}`;
  loading.sourceOf.set(`action:${id}`, place.path);
  checkTraffic(loading, driver, place);
  const undo = undoOf(loading, map["undo"], { id, path: [...place.path, "undo"] }, names);
  if (own === null) return null;
  return {
    id,
    title: common.name ?? actionTitle(driver.kind, own.input),
    driver: driver.kind,
    connection: own.connection,
    role: place.role,
    share: place.share,
    input: own.input,
    timeout: Math.min(common.timeout ?? LONGEST_WRITE, LONGEST_WRITE),
    ready: common.timeout ?? READY,
    reversible: common.reversible ?? true,
    undo,
    onUnknown: common.onUnknown ?? "hold",
    outputs: outputsOf(common.outputs),
  };
}

function verbOf(loading: Loading, map: JsonMap, path: SourcePath): string | null {
  const verbs = [...loading.catalog.actions.keys()];
  const common = [...Object.keys(actionShape), ...BESIDE];
  const [verb, second] = verbs.filter((each) => Object.hasOwn(map, each));
  const strange = Object.keys(map).filter((key) => !verbs.includes(key) && !common.includes(key));
  if (verb !== undefined) {
    for (const key of strange) reportStrange(loading, [...path, key], { verb, common });
    if (second === undefined) return verb;
    const message = `one action does one thing, and here are ${verb} and ${second}`;
    const fix = "make two actions of it, each with its own `-`";
    loading.report([...path, second], { code: "two-kinds", message, fix, atKey: true });
    return null;
  }
  for (const key of strange) reportUnknownKey(loading, [...path, key], [...verbs, ...common]);
  if (strange.length === 0) {
    const message = "this action says nothing to do";
    const fix = `write one of ${verbs.join(", ")}`;
    loading.report(path, { code: "missing-key", message, fix });
  }
  return null;
}

/** A key beside the verb that belongs below it is the usual slip. */
function reportStrange(
  loading: Loading,
  path: SourcePath,
  { verb, common }: { readonly verb: string; readonly common: readonly string[] },
): void {
  const key = String(path.at(-1));
  const driver = loading.catalog.actions.get(verb);
  const schema = driver?.input;
  const inside =
    key === "connection" || (schema !== undefined && schemaKeys(schema, []).includes(key));
  if (!inside) return reportUnknownKey(loading, path, common, refusalOf(driver?.refuses, key));
  const message = `\`${key}\` belongs to ${verb}`;
  const fix = `write it inside: ${verb}: { …, ${key}: … }`;
  loading.report(path, { code: "unknown-key", message, fix, atKey: true });
}

function ownInput(
  loading: Loading,
  driver: ActionDriver<unknown>,
  map: JsonMap,
  place: SourcePath,
  names: Names,
): { readonly input: JsonMap; readonly connection: string | null } | null {
  const path = [...place, driver.kind];
  const value = map[driver.kind] ?? null;
  const named = isMap(value) ? value["connection"] : undefined;
  const asked = { named, types: driver.connections, input: value, path };
  const connection = pickConnection(loading, names, asked);
  const { input: schema, refuses } = driver;
  const given = { schema, value, path, common: ["connection"], refuses };
  const input = driverInput(loading, given);
  return input === null ? null : { input, connection };
}

function checkTraffic(
  loading: Loading,
  driver: ActionDriver<unknown>,
  { role, path }: ActionPlace,
): void {
  if (role !== "traffic" || driver.traffic) return;
  const able = [...loading.catalog.actions.values()].filter((each) => each.traffic);
  const message = `${driver.kind} shifts no traffic`;
  const fix = `write one of ${able.map(({ kind }) => kind).join(", ")}`;
  loading.report([...path, driver.kind], { code: "not-traffic", message, fix, atKey: true });
}

function undoOf(
  loading: Loading,
  given: Json | undefined,
  { id, path }: { readonly id: string; readonly path: SourcePath },
  names: Names,
): Action["undo"] {
  if (given === undefined) return "auto";
  if (given === "none") return "none";
  if (isMap(given)) {
    const nested = { value: given, path, prefix: `${id}/undo`, share: null } as const;
    return normalizeAction(loading, { ...nested, role: "change" }, names) ?? "none";
  }
  const message = `${show(given, loading.source.written(path))} undoes nothing`;
  const fix = "write an action, like { http: … }, or none where there is nothing to undo";
  loading.report(path, { code: "wrong-type", message, fix });
  return "none";
}
