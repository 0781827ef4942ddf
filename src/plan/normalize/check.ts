import type { Check, Service } from "../../core/plan.ts";
import { decodeMap, reportUnknownKey } from "../decode/decode-map.ts";
import type { JsonMap } from "../decode/is-map.ts";
import { laterKeys } from "../decode/later-keys.ts";
import { unknownName } from "../decode/unknown-name.ts";
import type { SourcePath } from "../diagnostic.ts";
import type { DriverCatalog } from "../driver-catalog.ts";
import type { Loading } from "../loading.ts";
import { checkShape } from "../schema/check-shape.ts";
import { confirmShape } from "../schema/confirm-shape.ts";
import { drillShape } from "../schema/drill-shape.ts";
import { announcedCheck } from "./announcements.ts";
import { checkOutputs } from "./check-outputs.ts";
import { checkServices } from "./check-services.ts";
import { checkSteps, longestSteps } from "./check-steps.ts";
import { drivenCheck, usualTimeout } from "./driven-check.ts";
import type { Names } from "./names.ts";
import { scaleInterval } from "./scale-interval.ts";

const COMMON = ["name", "if", "services", ...Object.keys(checkShape)];
/** Kinds that no driver makes: a person does, `canary announce` or `canary drill` did, or several drivers in order. */
const OWN_KINDS = ["confirm", "announced", "drill", "steps"];

interface Given {
  readonly name: string;
  readonly map: JsonMap;
  readonly path: SourcePath;
}

/** The keys that make a check. */
export function checkKinds(catalog: DriverCatalog): readonly string[] {
  return [...catalog.checks.keys(), ...OWN_KINDS];
}

/** The kind of a check: the key that makes it. Null, and reported, where there is none or more than one. */
export function checkKind(loading: Loading, map: JsonMap, path: SourcePath): string | null {
  const kinds = checkKinds(loading.catalog);
  const [kind, second] = kinds.filter((each) => Object.hasOwn(map, each));
  if (kind !== undefined && second !== undefined) {
    const message = `a check is either ${kind} or ${second}`;
    const fix = "make two checks of it";
    loading.report([...path, second], { code: "two-kinds", message, fix, atKey: true });
  }
  if (kind !== undefined) return kind;
  const strange = Object.keys(map).filter((key) => !COMMON.includes(key));
  const slip =
    strange.find((key) => Object.hasOwn(laterKeys, key)) ??
    strange.find((key) => unknownName(key, kinds)?.startsWith("did you mean") === true);
  if (slip !== undefined) {
    reportUnknownKey(loading, [...path, slip], kinds);
    return null;
  }
  const message = "this check says nothing to do";
  const fix = `write one of ${kinds.join(", ")}`;
  loading.report(path, { code: "missing-key", message, fix, atKey: true });
  return null;
}

/** A check of the library, or one that stands inline in a list. */
export function normalizeCheck(
  loading: Loading,
  { name, map, path }: Given,
  names: Pick<Names, "connections">,
): Check | null {
  const kind = checkKind(loading, map, path);
  if (kind === null) return null;
  const own = decodeMap(loading, checkShape, map, path, "any");
  const body = bodyOf(loading, { name, kind, map, path }, names);
  const services = servicesOf(loading, { kind, map, path });
  const outputs = checkOutputs(loading, kind, own.outputs, path);
  if (body === null) return null;
  const interval =
    own.interval === undefined ? null : scaleInterval(own.interval, loading.timeScale);
  const { steps } = body;
  const longest = steps === undefined ? usualTimeout(kind) : longestSteps(steps);
  const startUp = services.reduce((sum, { within }) => sum + within, 0);
  return {
    name,
    driver: kind,
    ...body,
    interval,
    initialDelay: (own.initialDelay ?? 0) * loading.timeScale,
    timeout: own.timeout ?? longest + startUp,
    // A check that is made once fails at once; a probe may miss a beat.
    failureThreshold: own.failureThreshold ?? (interval === null ? 1 : 3),
    successThreshold: own.successThreshold ?? 1,
    retries: own.retries ?? 0,
    as: own.as ?? null,
    ...(services.length === 0 ? {} : { services }),
    ...(Object.keys(outputs).length === 0 ? {} : { outputs }),
  };
}

type Body = Pick<Check, "connection" | "input" | "steps">;

interface Kinded {
  readonly kind: string;
  readonly map: JsonMap;
  readonly path: SourcePath;
}

function bodyOf(
  loading: Loading,
  { name, kind, map, path }: Kinded & { readonly name: string },
  names: Pick<Names, "connections">,
): Body | null {
  if (kind === "confirm") return confirmation(loading, map, path);
  if (kind === "announced") return announcedCheck(loading, map, path);
  if (kind === "drill") return drillCheck(loading, map, path);
  const common = [...COMMON, ...OWN_KINDS];
  if (kind !== "steps") return drivenCheck(loading, { kind, map, path, common }, names);
  for (const key of Object.keys(map).filter((each) => each !== kind && !COMMON.includes(each)))
    reportUnknownKey(loading, [...path, key], [kind, ...COMMON]);
  if (Object.hasOwn(map, "connection")) {
    const message = "each step has its own connection";
    const problem = { code: "which-connection", message, fix: "move it into the steps" } as const;
    loading.report([...path, "connection"], { ...problem, atKey: true });
  }
  const steps = checkSteps(loading, { name, list: map["steps"], path: [...path, "steps"] }, names);
  return steps === null ? null : { connection: null, input: {}, steps };
}

/** Kinds that ask no process and no service. */
const ALONE: Readonly<Record<string, string>> = {
  confirm: "a person's word",
  announced: "an announcement",
  drill: "a drill",
};

function servicesOf(loading: Loading, { kind, map, path }: Kinded): readonly Service[] {
  const place = [...path, "services"];
  if (!Object.hasOwn(ALONE, kind)) return checkServices(loading, map["services"], place);
  if (!Object.hasOwn(map, "services")) return [];
  const message = `${ALONE[kind] ?? kind} needs no services`;
  loading.report(place, { code: "unknown-key", message, fix: "remove them", atKey: true });
  return [];
}

/** A check that the way back was drilled: when that is known as the rollout begins. */
function drillCheck(
  loading: Loading,
  map: JsonMap,
  path: SourcePath,
): Pick<Check, "connection" | "input"> | null {
  const common = ["if", "name", "as", "outputs", "services"];
  const { drill } = decodeMap(loading, drillShape, map, path, common);
  if (drill === undefined) return null;
  return { connection: null, input: { drill: drill * loading.timeScale } };
}

function confirmation(
  loading: Loading,
  map: JsonMap,
  path: SourcePath,
): Pick<Check, "connection" | "input"> | null {
  const { confirm, by, count, valid } = decodeMap(loading, confirmShape, map, path, [
    "if",
    "name",
    "outputs",
    "services",
  ]);
  if (confirm === undefined) return null;
  const input = { question: confirm, by: by ?? null, count: count ?? 1, valid: valid ?? null };
  return { connection: null, input };
}
