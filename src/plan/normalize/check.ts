import type { Check } from "../../core/plan.ts";
import type { Millis } from "../../core/units.ts";
import { decodeMap, reportUnknownKey } from "../decode/decode-map.ts";
import type { JsonMap } from "../decode/is-map.ts";
import { laterKeys } from "../decode/later-keys.ts";
import { unknownName } from "../decode/unknown-name.ts";
import type { SourcePath } from "../diagnostic.ts";
import type { Loading } from "../loading.ts";
import { checkShape } from "../schema/check-shape.ts";
import { confirmShape } from "../schema/confirm-shape.ts";
import { driverInput } from "./driver-input.ts";
import type { Names } from "./names.ts";
import { pickConnection } from "./pick-connection.ts";

const TIMEOUT = 10_000;
/** Commands take longer than requests. */
const COMMAND_TIMEOUT = 30_000;
const COMMON = ["name", "if", "outputs", ...Object.keys(checkShape)];

interface Given {
  readonly name: string;
  readonly map: JsonMap;
  readonly path: SourcePath;
}

/** The kind of a check: the key that makes it. Null, and reported, where there is none or more than one. */
export function checkKind(loading: Loading, map: JsonMap, path: SourcePath): string | null {
  const kinds = [...loading.catalog.checks.keys(), "confirm"];
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
  if (Object.hasOwn(map, "outputs")) {
    const message = "`outputs` of a check are not supported by this version";
    const fix = "take them from an action, or remove them";
    loading.report([...path, "outputs"], { code: "not-supported", message, fix, atKey: true });
  }
  const own = decodeMap(loading, checkShape, map, path, "any");
  const body =
    kind === "confirm"
      ? confirmation(loading, map, path)
      : driven(loading, { kind, map, path }, names);
  if (body === null) return null;
  const interval = own.interval === undefined ? null : scaled(loading, own.interval);
  return {
    name,
    driver: kind,
    ...body,
    interval,
    initialDelay: own.initialDelay ?? 0,
    timeout: own.timeout ?? (kind === "http" ? TIMEOUT : COMMAND_TIMEOUT),
    // A check that is made once fails at once; a probe may miss a beat.
    failureThreshold: own.failureThreshold ?? (interval === null ? 1 : 3),
    successThreshold: own.successThreshold ?? 1,
    retries: own.retries ?? 0,
    as: own.as ?? null,
  };
}

function driven(
  loading: Loading,
  { kind, map, path }: { readonly kind: string; readonly map: JsonMap; readonly path: SourcePath },
  names: Pick<Names, "connections">,
): Pick<Check, "connection" | "input"> | null {
  const driver = loading.catalog.checks.get(kind);
  if (driver === undefined) return null;
  const value = Object.fromEntries(
    Object.entries(map).filter(([key]) => key === kind || !loading.catalog.checks.has(key)),
  );
  const input = driverInput(loading, { schema: driver.input, value, path, common: COMMON });
  const asked = { named: map["connection"], types: driver.connections, input: value, path };
  const connection = pickConnection(loading, names, asked);
  return input === null ? null : { connection, input };
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
  ]);
  if (confirm === undefined) return null;
  const input = { question: confirm, by: by ?? null, count: count ?? 1, valid: valid ?? null };
  return { connection: null, input };
}

function scaled(loading: Loading, ms: Millis): Millis {
  return ms * loading.timeScale;
}
