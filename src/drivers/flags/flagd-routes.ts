import type { Json, Percent } from "../../core/units.ts";

/** Users with a share of their own, by attributes that must all have one of these values. Known to be plain JSON. */
export type FlagdRoute = {
  readonly attributes: { readonly [name: string]: readonly string[] };
  readonly share: Percent;
};

/** Targeting that asks for each route in turn before the split of everyone else; the first that matches wins. */
export function routedTargeting(
  routes: readonly FlagdRoute[],
  of: (route: FlagdRoute) => Json,
  rest: Json,
): Json {
  return { if: [...routes.flatMap((route) => [conditionOf(route), of(route)]), rest] };
}

/** The split of everyone else, where the targeting is that of these routes; any other targeting as it is. */
export function withoutRoutes(
  targeting: Json | undefined,
  routes: readonly FlagdRoute[],
): Json | undefined {
  if (routes.length === 0 || !isObject(targeting)) return targeting;
  const list = targeting["if"];
  if (Object.keys(targeting).length !== 1 || !Array.isArray(list)) return targeting;
  const parts = list as readonly Json[];
  const own =
    parts.length === 2 * routes.length + 1 &&
    routes.every(
      (route, index) => JSON.stringify(parts[2 * index]) === JSON.stringify(conditionOf(route)),
    );
  return own ? parts.at(-1) : targeting;
}

function conditionOf({ attributes }: FlagdRoute): Json {
  const asked = Object.entries(attributes).map(([name, values]): Json => ({
    in: [{ var: name }, [...values]],
  }));
  const [only] = asked;
  return asked.length === 1 && only !== undefined ? only : { and: asked };
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
