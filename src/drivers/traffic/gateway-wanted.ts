import type { Json, Percent } from "../../core/units.ts";
import { failed, ok } from "../answer.ts";
import type { Answer } from "../driver.ts";
import {
  canonicalText,
  isObject,
  listAt,
  nameOf,
  present,
  sameJson,
  textAt,
  type KubeObject,
} from "../kubectl/kube-object.ts";
import type { Wanted } from "../kubectl/object-driver.ts";
import type { Element } from "../kubectl/object-path.ts";
import {
  cookiePattern,
  routeText,
  shareOfRoute,
  wishesOf,
  type RouteInput,
  type Wish,
} from "./routes-input.ts";
import { shareWeights } from "./share-weights.ts";

interface Backends {
  readonly canary: string;
  readonly routes?: readonly RouteInput[] | undefined;
}

/** The weights that an HTTPRoute needs for a share, and the rules of `routes`. */
export function gatewayWanted(
  { canary, routes = [] }: Backends,
  share: Percent,
  live: KubeObject,
): Answer<readonly Wanted[]> {
  const rules = listAt(live, "spec", "rules");
  const made = new Set(
    rules.flatMap((rule) =>
      routes.map((route) => canonicalText(narrowed(listAt(rule, "matches"), route))),
    ),
  );
  const shifted = rules.filter(
    (rule) =>
      backendsOf(rule).some((backend) => textAt(backend, "name") === canary) &&
      !made.has(canonicalText([...listAt(rule, "matches")])),
  );
  if (shifted.length === 0) return failed(noCanary(canary, rules, live));
  const all: Wanted[] = [];
  for (const rule of shifted) {
    const element = elementOf(rule, rules, live);
    if (element.kind !== "ok") return element;
    const weights = weightsOf(rule, { canary, share, live });
    if (weights.kind !== "ok") return weights;
    const place = ["spec", "rules", element.value, "backendRefs"];
    const where = shifted.length === 1 ? "" : ` in ${ruleText(rule)}`;
    for (const [name, weight] of weights.value) {
      const path = [...place, { name }, "weight"];
      all.push({ path, value: present(weight), label: `weight of ${name}${where}` });
    }
    for (const route of routes) {
      const own = ruleOf(route, rule, { canary, share, live });
      if (own.kind !== "ok") return own;
      all.push(...own.value);
    }
  }
  const idle = routes.find((route) =>
    shifted.every((rule) => narrowed(listAt(rule, "matches"), route).length === 0),
  );
  if (idle === undefined) return ok(all);
  return failed(
    `no request can match the route for ${routeText(idle)}: the rules of ${nameOf(live)} ask for other values of the same header`,
  );
}

interface Shift {
  readonly canary: string;
  readonly share: Percent;
  readonly live: KubeObject;
}

/** The weight of each of the two backends of a rule. */
function weightsOf(
  rule: Json,
  { canary, share, live }: Shift,
): Answer<readonly (readonly [string, number])[]> {
  const names = backendsOf(rule).map((backend) => textAt(backend, "name") ?? "");
  const stable = names.find((name) => name !== canary);
  if (stable === undefined || names.length !== 2)
    return failed(
      `${nameOf(live)} has the backends ${names.join(", ")} in ${ruleText(rule)}: a share needs exactly ${canary} and that of the old version`,
    );
  const weights = shareWeights(share);
  if (weights.kind !== "ok") return weights;
  return ok([
    [canary, weights.value.canary],
    [stable, weights.value.stable],
  ]);
}

/** The rule for the requests of a route: what the rule does, for what matches both, with the route's share. */
function ruleOf(route: RouteInput, rule: Json, shift: Shift): Answer<readonly Wanted[]> {
  const share = shareOfRoute(route, shift.share);
  const weights = weightsOf(rule, { ...shift, share });
  if (weights.kind !== "ok") return weights;
  const matches = narrowed(listAt(rule, "matches"), route);
  if (matches.length === 0) return ok([]);
  const { name: _, ...copied } = isObject(rule) ? rule : {};
  const of = new Map(weights.value);
  const backendRefs = backendsOf(rule).map((backend) => ({
    ...(isObject(backend) ? backend : {}),
    weight: of.get(textAt(backend, "name") ?? "") ?? 0,
  }));
  return ok([
    {
      path: ["spec", "rules", { where: { matches } }],
      value: present({ ...copied, matches, backendRefs }),
      label: `rule for ${routeText(route)}`,
    },
  ]);
}

/** Each match with the route's headers added; what asks for another value of the same header can never be both. */
function narrowed(matches: readonly Json[], route: RouteInput): readonly Json[] {
  return matches.flatMap((match) =>
    wishesOf(route).flatMap((wishes) => {
      const headers = [...listAt(match, "headers")];
      for (const header of wishes.map(headerOf)) {
        const same = headers.find((each) => textAt(each, "name")?.toLowerCase() === header.name);
        if (same !== undefined && textAt(same, "value") !== header.value) return [];
        if (same === undefined) headers.push(header);
      }
      return [{ ...(isObject(match) ? match : {}), headers }];
    }),
  );
}

function headerOf(wish: Wish): {
  readonly name: string;
  readonly type: string;
  readonly value: string;
} {
  return wish.kind === "header"
    ? { name: wish.name.toLowerCase(), type: "Exact", value: wish.value }
    : { name: "cookie", type: "RegularExpression", value: cookiePattern(wish) };
}

/** What tells a rule from the others: its name, or what it matches. */
function elementOf(rule: Json, rules: readonly Json[], live: KubeObject): Answer<Element> {
  const name = textAt(rule, "name");
  if (name !== null) return ok({ name });
  const matches = listAt(rule, "matches");
  const same = rules.filter((other) => sameJson([...listAt(other, "matches")], [...matches]));
  return same.length === 1
    ? ok({ where: { matches } })
    : failed(`${nameOf(live)} has ${same.length} rules for ${ruleText(rule)}: give each a name`);
}

function ruleText(rule: Json): string {
  const name = textAt(rule, "name");
  if (name !== null) return `rule ${name}`;
  const paths = listAt(rule, "matches").map((match) => textAt(match, "path", "value") ?? "/");
  return `the rule of ${paths.join(", ") || "/"}`;
}

function noCanary(canary: string, rules: readonly Json[], live: KubeObject): string {
  const names = new Set(rules.flatMap(backendsOf).map((each) => textAt(each, "name") ?? ""));
  return `${nameOf(live)} does not send to ${canary}, only to ${[...names].join(", ") || "nothing"}: add ${canary} with weight 0 to the backendRefs of its rule`;
}

function backendsOf(rule: Json): readonly Json[] {
  return listAt(rule, "backendRefs");
}
