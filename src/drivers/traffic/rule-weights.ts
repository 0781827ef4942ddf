import type { Json, Percent } from "../../core/units.ts";
import { failed, ok } from "../answer.ts";
import type { Answer } from "../driver.ts";
import {
  at,
  canonicalText,
  isObject,
  listAt,
  nameOf,
  present,
  textAt,
  type KubeObject,
} from "../kubectl/kube-object.ts";
import type { Wanted } from "../kubectl/object-driver.ts";
import type { Element } from "../kubectl/object-path.ts";
import { routeText, shareOfRoute, wishesOf, type RouteInput } from "./routes-input.ts";
import type { RuleShape } from "./rule-shape.ts";
import { shareWeights, type Weights } from "./share-weights.ts";

interface Shift {
  readonly shape: RuleShape;
  readonly live: KubeObject;
  readonly share: Percent;
  readonly routes: readonly RouteInput[];
}

/**
 * The weights of a share in every rule that sends to the canary beside one other target, and the rules of `routes`: what
 * such a rule does, for those of its requests that a route names, with the share of the route.
 */
export function ruleWeights(shift: Shift): Answer<readonly Wanted[]> {
  const { shape, live, routes } = shift;
  const rules = listAt(live, ...shape.rules);
  const made = new Set(
    rules.flatMap((rule) => routes.map((route) => canonicalText(narrowed(shape, rule, route)))),
  );
  const others = rules.filter((rule) => !made.has(canonicalText(at(rule, shape.matches) ?? null)));
  const shifted = others.filter((rule) => targetsOf(shape, rule).some(shape.isCanary));
  const problem = problemOf(shift, others, shifted);
  if (problem !== null) return failed(problem);
  const all: Wanted[] = [];
  let position = 0;
  for (const rule of others) {
    if (shifted.includes(rule)) {
      const wanted = wantedOf(rule, { ...shift, alone: shifted.length === 1, position });
      if (wanted.kind !== "ok") return wanted;
      all.push(...wanted.value);
      position += wanted.value.filter(({ path }) => path.length === shape.rules.length + 1).length;
    }
    position += 1;
  }
  return ok(all);
}

/** Why a share cannot be set by these rules, or null. */
function problemOf(
  { shape, live, routes }: Shift,
  rules: readonly Json[],
  shifted: readonly Json[],
): string | null {
  const name = nameOf(live);
  if (shifted.length === 0) {
    const targets = rules.flatMap((rule) => targetsOf(shape, rule)).map(shape.targetText);
    const known = [...new Set(targets)].join(", ") || "nothing";
    return `${name} sends only to ${known}: ${shape.remedy}`;
  }
  for (const rule of shifted) {
    const targets = targetsOf(shape, rule);
    if (targets.length !== 2 || targets.every(shape.isCanary))
      return `${name} sends to ${targets.map(shape.targetText).join(", ")} in ${ruleText(shape, rule)}: a share needs exactly two, the canary and the old version`;
    const same = rules.filter((other) => keyOf(shape, other) === keyOf(shape, rule));
    if (same.length > 1)
      return `${name} has ${same.length} rules like ${ruleText(shape, rule)}: give each a name of its own`;
  }
  const idle = routes.find((route) =>
    shifted.every((rule) => narrowed(shape, rule, route).length === 0),
  );
  return idle === undefined
    ? null
    : `no request can match the route for ${routeText(idle)}: the rules of ${name} ask for other values of the same header`;
}

interface Place extends Shift {
  /** Whether no other rule is shifted, so that people need not be told which. */
  readonly alone: boolean;
  readonly position: number;
}

function wantedOf(rule: Json, place: Place): Answer<readonly Wanted[]> {
  const { shape, share, routes, alone } = place;
  const weights = shareWeights(share);
  if (weights.kind !== "ok") return weights;
  const where = alone ? "" : ` in ${ruleText(shape, rule)}`;
  const element = elementOf(shape, rule);
  // The canary comes first: it is what people look for.
  const targets = targetsOf(shape, rule).toSorted(
    (a, b) => Number(shape.isCanary(b)) - Number(shape.isCanary(a)),
  );
  const all: Wanted[] = targets.map((target) => ({
    path: [...shape.rules, element, shape.targets, shape.elementOf(target), "weight"],
    value: present(weightOf(shape, target, weights.value)),
    label: `weight of ${shape.targetText(target)}${where}`,
  }));
  let { position } = place;
  for (const route of routes) {
    const matches = narrowed(shape, rule, route);
    if (matches.length === 0) continue;
    const own = shareWeights(shareOfRoute(route, share));
    if (own.kind !== "ok") return own;
    all.push({
      path: [...shape.rules, { where: { [shape.matches]: matches } }],
      value: present(copyOf(shape, rule, matches, own.value)),
      label: `rule for ${routeText(route)}${where}`,
      ...(shape.inOrder ? { position } : {}),
    });
    position += 1;
  }
  return ok(all);
}

/** What the rule does, for other matches and with other weights. Its name stays its own. */
function copyOf(shape: RuleShape, rule: Json, matches: readonly Json[], weights: Weights): Json {
  const { name: _, ...rest } = isObject(rule) ? rule : {};
  const targets = targetsOf(shape, rule).map((target) => ({
    ...(isObject(target) ? target : {}),
    weight: weightOf(shape, target, weights),
  }));
  return { ...rest, [shape.matches]: matches, [shape.targets]: targets };
}

/** The matches of a rule, each with all that a route asks for; a rule without matches takes every request. */
function narrowed(shape: RuleShape, rule: Json, route: RouteInput): readonly Json[] {
  const matches = listAt(rule, shape.matches);
  return (matches.length === 0 ? [{}] : matches).flatMap((match) =>
    wishesOf(route).flatMap((wishes) => {
      let found: Json | null = match;
      for (const wish of wishes) found = found === null ? null : shape.narrowed(found, wish);
      return found === null ? [] : [found];
    }),
  );
}

/** What tells a rule from the others: its name, or what it matches. */
function elementOf(shape: RuleShape, rule: Json): Element {
  const name = textAt(rule, "name");
  if (name !== null && name !== "") return { name };
  return { where: { [shape.matches]: at(rule, shape.matches) ?? null } };
}

function keyOf(shape: RuleShape, rule: Json): string {
  const element = elementOf(shape, rule);
  return canonicalText("name" in element ? element.name : element.where);
}

function ruleText(shape: RuleShape, rule: Json): string {
  const name = textAt(rule, "name");
  if (name !== null && name !== "") return `rule ${name}`;
  const matches = listAt(rule, shape.matches).map(shape.matchText);
  return `the rule of ${matches.join(", ") || "/"}`;
}

function weightOf(shape: RuleShape, target: Json, weights: Weights): number {
  return shape.isCanary(target) ? weights.canary : weights.stable;
}

function targetsOf(shape: RuleShape, rule: Json): readonly Json[] {
  return listAt(rule, shape.targets);
}
