import type { Json, Percent } from "../../core/units.ts";
import { failed, ok } from "../answer.ts";
import type { Answer } from "../driver.ts";
import type { RouteInput } from "./flag-input.ts";
import { routedTargeting, withoutRoutes, type FlagdRoute } from "./flagd-routes.ts";

/** A flag as flagd defines it, in a file or in an object of Kubernetes. */
export type FlagdDefinition = { readonly [key: string]: Json };

/** Between what a share is split. A type rather than an interface: only that is known to be plain JSON. */
export type FlagdSplit = {
  /** The variants that the share is of, and that everyone else gets; empty where the flag is only switched. */
  readonly serve: string;
  readonly instead: string;
  /** Whether the served variant stands first: turned round, other users would be chosen. */
  readonly serveFirst: boolean;
  /** The expression that users are told apart by; null where flagd's own is used. */
  readonly by: Json;
  /** Users with a share of their own while the flag has one at all. */
  readonly routes: readonly FlagdRoute[];
};

/** Weights are whole numbers: a share of more than three decimals is none. */
const SCALES = [1, 10, 100, 1000];

/** The targeting that serves a share, and to the users of a route theirs: it is never below the share, and gone with it. */
export function targetingFor(share: Percent, split: FlagdSplit): Json {
  const { routes } = split;
  if (routes.length === 0 || share === 0) return fractionalFor(share, split);
  const own = (route: FlagdRoute): Json => fractionalFor(Math.max(route.share, share), split);
  return routedTargeting(routes, own, fractionalFor(share, split));
}

function fractionalFor(share: Percent, split: FlagdSplit): Json {
  const scale = SCALES.find((each) => Number.isInteger(round(share * each))) ?? 1000;
  const weight = Math.round(share * scale);
  const served: Json = [split.serve, weight];
  const rest: Json = [split.instead, 100 * scale - weight];
  const pairs = split.serveFirst ? [served, rest] : [rest, served];
  return { fractional: split.by === null ? pairs : [split.by, ...pairs] };
}

/** The share that a split gives to the served variant; null where it is no split between the two. */
export function splitShare(targeting: Json | undefined, split: FlagdSplit): Percent | null {
  const found = fractionalOf(withoutRoutes(targeting, split.routes));
  if (found === null || found.buckets.length !== 2) return null;
  const weights = new Map(found.buckets);
  const served = weights.get(split.serve);
  const rest = weights.get(split.instead);
  if (served === undefined || rest === undefined || served + rest <= 0) return null;
  return round((100 * served) / (served + rest));
}

interface SplitWish {
  readonly serve?: string | undefined;
  readonly instead?: string | undefined;
  readonly routes?: readonly RouteInput[] | undefined;
}

/** What the share of this flag is split between; refused is everything that would make it a lie or lose its rules. */
export function splitOf(
  definition: FlagdDefinition,
  flag: string,
  wanted: SplitWish,
): Answer<FlagdSplit> {
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
  const routes = routesOf(wanted.routes);
  const split = fractionalOf(withoutRoutes(definition["targeting"], routes));
  if (split === null)
    return failed(
      `flag ${flag} has targeting rules of its own, which a share would replace: ramp another flag, or take the rules out first`,
    );
  const names = split.buckets.map(([name]) => name);
  if (names.some((name) => name !== serve && name !== instead))
    return failed(`flag ${flag} splits between ${names.join(", ")}: name two of them`);
  const serveFirst = names.length === 0 || names.indexOf(serve) === 0 || names[0] !== instead;
  return ok({ serve, instead, serveFirst, by: split.by, routes });
}

function routesOf(routes: readonly RouteInput[] = []): readonly FlagdRoute[] {
  return routes.map(({ attribute, share }) => ({
    attributes: Object.fromEntries(
      Object.entries(attribute).map(([name, values]) => [name, [values].flat()]),
    ),
    share: Number.parseFloat(share),
  }));
}

/** Whether the flag would give everyone the same variant, and not that of false, once it is enabled. */
export function servesEveryone(definition: FlagdDefinition): boolean {
  const variants = isObject(definition["variants"]) ? definition["variants"] : {};
  const split = fractionalOf(definition["targeting"]);
  if (split === null) return false;
  const served = split.buckets.filter(([, weight]) => weight > 0).map(([name]) => name);
  const names = new Set(served.length === 0 ? [definition["defaultVariant"]] : served);
  const [only] = names;
  if (names.size !== 1 || typeof only !== "string") return false;
  return variants[only] !== false;
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

function round(value: number): number {
  return Number(value.toFixed(9));
}

function isObject(value: Json | undefined): value is FlagdDefinition {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
