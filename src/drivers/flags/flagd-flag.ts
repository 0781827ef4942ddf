import type { Field, FieldValue } from "../../core/field.ts";
import type { Json, Percent } from "../../core/units.ts";
import { failed, ok } from "../answer.ts";
import type { Answer } from "../driver.ts";
import { rawOf, type FlagdEntry } from "./flagd-text.ts";
import { parseShareText, shareText } from "./share-text.ts";

/** What a field of a flag in a flag file needs to be read and written from any process on its host. */
export type FlagdRef = {
  readonly host: string;
  /** The real path. */
  readonly file: string;
  readonly flag: string;
  readonly part: "share" | "enabled";
  /** The variants that the share is of, and that everyone else gets; texts that are not used for `enabled`. */
  readonly serve: string;
  readonly instead: string;
  /** Whether the served variant stands first: turned round, other users would be chosen. */
  readonly serveFirst: boolean;
  /** The expression that users are told apart by; null where flagd's own is used. */
  readonly by: Json;
};

/** The two sources that decide what a flag serves, as they stand in the file; null where one is absent. */
export interface FlagdSources {
  readonly state: string | null;
  readonly targeting: string | null;
}

const ENABLED = '"ENABLED"';
const DISABLED = '"DISABLED"';
/** Weights are whole numbers: a share of more than three decimals is none. */
const SCALES = [1, 10, 100, 1000];

/** The sources that make the flag serve a share. */
export function sourcesOf(state: { on: boolean; share: Percent }, ref: FlagdRef): FlagdSources {
  const scale = SCALES.find((each) => Number.isInteger(round(state.share * each))) ?? 1000;
  const weight = Math.round(state.share * scale);
  const served: Json = [ref.serve, weight];
  const rest: Json = [ref.instead, 100 * scale - weight];
  const pairs = ref.serveFirst ? [served, rest] : [rest, served];
  const list = (ref.by === null ? pairs : [ref.by, ...pairs]).map(print).join(", ");
  return { state: state.on ? ENABLED : DISABLED, targeting: `{"fractional": [${list}]}` };
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
  const share = shareOf(entry.definition["targeting"], ref);
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

/** What the share of this flag is split between; refused is everything that would make it a lie or lose its rules. */
export function splitOf(
  { definition }: FlagdEntry,
  flag: string,
  wanted: { readonly serve: string | undefined; readonly instead: string | undefined },
): Answer<Pick<FlagdRef, "serve" | "instead" | "serveFirst" | "by">> {
  const variants = isObject(definition["variants"]) ? definition["variants"] : {};
  const named = (value: boolean): string | undefined =>
    Object.keys(variants).find((name) => variants[name] === value);
  const serve = wanted.serve ?? named(true);
  const instead = wanted.instead ?? named(false);
  if (serve === undefined || instead === undefined)
    return failed(
      `flag ${flag} has no variants true and false: name \`serve\` and \`instead\`, of ${Object.keys(variants).join(", ")}`,
    );
  for (const name of [serve, instead])
    if (!Object.hasOwn(variants, name))
      return failed(`flag ${flag} has no variant ${name}, but ${Object.keys(variants).join(", ")}`);
  if (serve === instead) return failed(`flag ${flag}: \`serve\` and \`instead\` are both ${serve}`);
  const fallback = definition["defaultVariant"];
  if (fallback !== instead)
    return failed(
      `flag ${flag} gives ${JSON.stringify(fallback ?? null)} to everyone without a targeting key, whatever the share: set its defaultVariant to "${instead}"`,
    );
  const split = fractionalOf(definition["targeting"]);
  if (split === null)
    return failed(
      `flag ${flag} has targeting rules of its own, which a share would replace: ramp another flag, or take the rules out first`,
    );
  const names = split.buckets.map(([name]) => name);
  if (names.some((name) => name !== serve && name !== instead))
    return failed(`flag ${flag} splits between ${names.join(", ")}: name two of them`);
  const serveFirst = names.length === 0 || names.indexOf(serve) === 0 || names[0] !== instead;
  return ok({ serve, instead, serveFirst, by: split.by });
}

/** Whether the flag would give everyone the same variant, and not that of false, once it is enabled. */
export function servesEveryone({ definition }: FlagdEntry): boolean {
  const variants = isObject(definition["variants"]) ? definition["variants"] : {};
  const split = fractionalOf(definition["targeting"]);
  if (split === null) return false;
  const served = split.buckets.filter(([, weight]) => weight > 0).map(([name]) => name);
  const names = new Set(served.length === 0 ? [definition["defaultVariant"]] : served);
  const [only] = names;
  if (names.size !== 1 || typeof only !== "string") return false;
  return variants[only] !== false;
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
  return ref as FlagdRef;
}

interface Fractional {
  readonly by: Json;
  readonly buckets: readonly (readonly [string, number])[];
}

/** Targeting that is nothing but a split: absent, empty, or `fractional` alone. Null for any other. */
function fractionalOf(targeting: Json | undefined): Fractional | null {
  if (targeting === undefined || targeting === null) return { by: null, buckets: [] };
  if (!isObject(targeting)) return null;
  const keys = Object.keys(targeting);
  if (keys.length === 0) return { by: null, buckets: [] };
  const list = targeting["fractional"];
  if (keys.length !== 1 || !Array.isArray(list)) return null;
  const [first, ...rest] = list as readonly Json[];
  const hasBy = first !== undefined && !Array.isArray(first);
  const buckets: (readonly [string, number])[] = [];
  for (const each of hasBy ? rest : (list as readonly Json[])) {
    const [name, weight = 1] = Array.isArray(each) ? (each as readonly Json[]) : [];
    if (typeof name !== "string" || typeof weight !== "number") return null;
    buckets.push([name, weight]);
  }
  return { by: hasBy ? first : null, buckets };
}

/** The share that a split gives to the served variant; null where it is no split between the two. */
function shareOf(targeting: Json | undefined, ref: FlagdRef): Percent | null {
  const split = fractionalOf(targeting);
  if (split === null || split.buckets.length !== 2) return null;
  const weights = new Map(split.buckets);
  const served = weights.get(ref.serve);
  const rest = weights.get(ref.instead);
  if (served === undefined || rest === undefined || served + rest <= 0) return null;
  return round((100 * served) / (served + rest));
}

/** As JSON with a space after each comma and colon. */
function print(json: Json): string {
  if (Array.isArray(json)) return `[${json.map(print).join(", ")}]`;
  if (!isObject(json)) return JSON.stringify(json);
  const pairs = Object.entries(json).map(([key, each]) => `${JSON.stringify(key)}: ${print(each)}`);
  return `{${pairs.join(", ")}}`;
}

function round(value: number): number {
  return Number(value.toFixed(9));
}

function isSource(value: Json | undefined): value is string | null {
  return value === null || typeof value === "string";
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
