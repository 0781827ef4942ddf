import type { Json } from "../../core/units.ts";
import { isObject, listAt, textAt } from "../kubectl/kube-object.ts";
import { cookiePattern, type Wish } from "./routes-input.ts";
import type { RuleShape } from "./rule-shape.ts";

/** The rules of an HTTPRoute. https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule */
export function gatewayShape(canary: string): RuleShape {
  return {
    rules: ["spec", "rules"],
    matches: "matches",
    targets: "backendRefs",
    isCanary: (backend) => textAt(backend, "name") === canary,
    elementOf: (backend) => ({ name: textAt(backend, "name") ?? "" }),
    targetText: (backend) => textAt(backend, "name") ?? "",
    matchText: (match) => textAt(match, "path", "value") ?? "/",
    narrowed,
    inOrder: false,
    remedy: `add ${canary} with weight 0 to the backendRefs of its rule`,
  };
}

/** A route compares a header once: what asks for another value of it can never be both. */
function narrowed(match: Json, wish: Wish): Json | null {
  const headers = listAt(match, "headers");
  const header = headerOf(wish);
  const same = headers.find((each) => textAt(each, "name")?.toLowerCase() === header.name);
  if (same !== undefined) return textAt(same, "value") === header.value ? match : null;
  return { ...(isObject(match) ? match : {}), headers: [...headers, header] };
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
