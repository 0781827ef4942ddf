import type { Field, FieldValue } from "../../core/field.ts";
import type { Json } from "../../core/units.ts";
import { splitShare, targetingFor, type FlagdSplit } from "./flagd-split.ts";
import { rawOf, type FlagdEntry } from "./flagd-text.ts";
import { parseShareText, shareText, type ShareState } from "./share-text.ts";

/** What a field of a flag in a flag file needs to be read and written from any process on its host. */
export type FlagdRef = FlagdSplit & {
  readonly host: string;
  /** The real path. */
  readonly file: string;
  readonly flag: string;
  readonly part: "share" | "enabled";
};

/** The two sources that decide what a flag serves, as they stand in the file; null where one is absent. */
export interface FlagdSources {
  readonly state: string | null;
  readonly targeting: string | null;
}

const ENABLED = '"ENABLED"';
const DISABLED = '"DISABLED"';

/** The sources that make the flag serve a share. */
export function sourcesOf(state: ShareState, ref: FlagdRef): FlagdSources {
  return { state: state.on ? ENABLED : DISABLED, targeting: print(targetingFor(state.share, ref)) };
}

/**
 * What the field reads as: the share where the sources are to the byte what that share is written as, else the sources
 * themselves, so that undoing to them is exact.
 */
export function valueOfEntry(entry: FlagdEntry, ref: FlagdRef): FieldValue {
  const state = rawOf(entry, "state");
  if (ref.part === "enabled") {
    const plain = state === ENABLED || state === DISABLED;
    return { present: true, value: plain ? state === ENABLED : { state } };
  }
  const targeting = rawOf(entry, "targeting");
  const share = splitShare(entry.definition["targeting"], ref);
  if (share !== null && (state === ENABLED || state === DISABLED)) {
    const on = state === ENABLED;
    if (sourcesOf({ on, share }, ref).targeting === targeting)
      return { present: true, value: shareText({ on, share }) };
  }
  return { present: true, value: { state, targeting } };
}

/** The sources that a field's value stands for; `targeting` is undefined where the value says nothing of it. */
export function sourcesOfValue(
  value: FieldValue,
  ref: FlagdRef,
): { readonly state: string | null; readonly targeting?: string | null } | null {
  if (!value.present) return null;
  const given = value.value;
  if (ref.part === "enabled" && typeof given === "boolean")
    return { state: given ? ENABLED : DISABLED };
  if (isObject(given)) {
    const { state, targeting } = given;
    if (!isSource(state)) return null;
    if (ref.part === "enabled") return { state };
    return isSource(targeting) ? { state, targeting } : null;
  }
  const share = ref.part === "share" ? parseShareText(value) : null;
  return share === null ? null : sourcesOf(share, ref);
}

/**
 * The `ref` of a field.
 * @throws when it is none: a damaged bundle.
 */
export function flagdRefOf({ key, ref }: Field): FlagdRef {
  const texts = ["host", "file", "flag", "serve", "instead"];
  const good =
    isObject(ref) &&
    texts.every((name) => typeof ref[name] === "string") &&
    typeof ref["serveFirst"] === "boolean" &&
    (ref["part"] === "share" || ref["part"] === "enabled");
  if (!good) throw new Error(`${key} is no flag of a flag file`);
  // Bundles of before there were routes have none.
  return { routes: [], ...(ref as Omit<FlagdRef, "routes">) };
}

/** As JSON with a space after each comma and colon. */
function print(json: Json): string {
  if (Array.isArray(json)) return `[${json.map(print).join(", ")}]`;
  if (!isObject(json)) return JSON.stringify(json);
  const pairs = Object.entries(json).map(([key, each]) => `${JSON.stringify(key)}: ${print(each)}`);
  return `{${pairs.join(", ")}}`;
}

function isSource(value: Json | undefined): value is string | null {
  return value === null || typeof value === "string";
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
