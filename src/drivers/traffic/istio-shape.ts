import type { Json } from "../../core/units.ts";
import { at, isObject, sameJson, textAt } from "../kubectl/kube-object.ts";
import { cookiePattern, type Wish } from "./routes-input.ts";
import type { RuleShape } from "./rule-shape.ts";

export interface Destination {
  readonly host?: string | undefined;
  readonly subset?: string | undefined;
}

/** The HTTP routes of a VirtualService. https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRoute */
export function istioShape(canary: Destination): RuleShape {
  return {
    rules: ["spec", "http"],
    matches: "match",
    targets: "route",
    isCanary: (target) =>
      Object.entries(canary).every(([key, value]) => textAt(target, "destination", key) === value),
    elementOf: (target) => ({ where: { destination: at(target, "destination") ?? null } }),
    targetText: (target) => destinationText(at(target, "destination") ?? null),
    matchText: (match) =>
      ["prefix", "exact", "regex"]
        .map((kind) => textAt(match, "uri", kind))
        .find((uri) => uri !== null) ?? "/",
    narrowed,
    inOrder: true,
    remedy: `add ${destinationText(canary as Json)} with weight 0 to its route`,
  };
}

/** `shop`, or `shop (v2)` for a subset. */
export function destinationText(destination: Json): string {
  const host = textAt(destination, "host");
  const subset = textAt(destination, "subset");
  if (host === null) return `subset ${subset ?? ""}`;
  return subset === null ? host : `${host} (${subset})`;
}

/** Istio asks for lower case in the names of headers, and compares each once. */
function narrowed(match: Json, wish: Wish): Json | null {
  const isHeader = wish.kind === "header";
  const name = isHeader ? wish.name.toLowerCase() : "cookie";
  const asked = isHeader ? { exact: wish.value } : { regex: cookiePattern(wish) };
  const same = at(match, "headers", name);
  if (same !== undefined) return sameJson(same, asked) ? match : null;
  const headers = at(match, "headers");
  return {
    ...(isObject(match) ? match : {}),
    headers: { ...(isObject(headers) ? headers : {}), [name]: asked },
  };
}
