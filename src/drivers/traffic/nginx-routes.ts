import type { FieldValue } from "../../core/field.ts";
import { failed, ok } from "../answer.ts";
import type { Answer } from "../driver.ts";
import { absent, present } from "../kubectl/kube-object.ts";
import type { Wanted } from "../kubectl/object-driver.ts";
import { quoted, routeText, type RouteInput } from "./routes-input.ts";

const BY = "nginx.ingress.kubernetes.io/canary-by-";

/**
 * The annotations that send requests with a header or a cookie to the canary. ingress-nginx takes one header, with one
 * value or a pattern, and one cookie whose value is "always"; both send all of them, and both go before the weight.
 * https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#canary
 */
export function nginxRoutes(routes: readonly RouteInput[]): Answer<readonly Wanted[]> {
  const all: Wanted[] = [];
  const seen = new Set<string>();
  for (const route of routes) {
    const { header = {}, cookie = {}, share } = route;
    const [name, more] = [...Object.keys(header), ...Object.keys(cookie)];
    const kind = Object.keys(header).length > 0 ? "header" : "cookie";
    if (name === undefined || more !== undefined)
      return failed(
        `ingress-nginx looks at one header or one cookie in a route, not at ${routeText(route)}`,
      );
    if (Number.parseFloat(share) !== 100)
      return failed(
        `ingress-nginx sends all or none of the requests with ${kind} ${name}: write share 100%, not ${share}`,
      );
    if (seen.has(kind))
      return failed(`ingress-nginx takes one route by ${kind}, and there are several`);
    seen.add(kind);
    const wanted = kind === "header" ? byHeader(name, header[name]) : byCookie(name, cookie[name]);
    if (wanted.kind !== "ok") return wanted;
    all.push(...wanted.value);
  }
  return ok(all);
}

type Values = string | readonly string[] | undefined;

/** One value as it is, several as a pattern; the annotation that is not needed goes, because it would win. */
function byHeader(name: string, values: Values): Answer<readonly Wanted[]> {
  const list = typeof values === "string" ? [values] : (values ?? []);
  const [first, second] = list;
  const one = first !== undefined && second === undefined;
  return ok([
    wanted("header", present(name)),
    wanted("header-value", one ? present(first) : absent),
    wanted("header-pattern", one ? absent : present(`^(${list.map(quoted).join("|")})$`)),
  ]);
}

function byCookie(name: string, value: Values): Answer<readonly Wanted[]> {
  return value === "always"
    ? ok([wanted("cookie", present(name))])
    : failed(
        `ingress-nginx looks only for the value "always" in the cookie ${name}, not for ${JSON.stringify(value)}`,
      );
}

function wanted(what: string, value: FieldValue): Wanted {
  return {
    path: ["metadata", "annotations", `${BY}${what}`],
    value,
    label: `canary-by-${what}`,
  };
}
