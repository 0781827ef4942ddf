import { z } from "zod";

import { failed, ok } from "../answer.ts";
import type { Answer, DriverContext, Request } from "../driver.ts";
import {
  isObject,
  listAt,
  nameOf,
  present,
  textAt,
  type KubeObject,
} from "../kubectl/kube-object.ts";
import { objectDriver, type Wanted } from "../kubectl/object-driver.ts";
import { namespaceInput, objectName } from "../kubectl/object-input.ts";
import { parseObject, runKubectl } from "../kubectl/run-kubectl.ts";
import { nginxRoutes } from "./nginx-routes.ts";
import { routesInput } from "./routes-input.ts";

const PREFIX = "nginx.ingress.kubernetes.io";
const CANARY = `${PREFIX}/canary`;
const WEIGHT = `${PREFIX}/canary-weight`;
const TOTAL = `${PREFIX}/canary-weight-total`;
const AFFINITY = `${PREFIX}/affinity`;
const BEHAVIOR = `${PREFIX}/affinity-canary-behavior`;

const ingressNginxInput = z
  .strictObject({
    ingress: z.string().min(1).describe("the Ingress that carries the canary annotations"),
    routes: routesInput,
    namespace: namespaceInput,
  })
  .superRefine(({ routes = [] }, context) => {
    const made = nginxRoutes(routes);
    if (made.kind === "ok") return;
    context.addIssue({ code: "custom", message: made.why, path: ["routes"] });
  });

export type IngressNginxInput = z.infer<typeof ingressNginxInput>;

/**
 * Shifts traffic by the weight of a canary Ingress. The weight is the share of `canary-weight-total`, which is 100 where
 * the Ingress does not say otherwise. 0 sends nobody to the canary but those whom a header or a cookie sends there.
 * https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#canary
 */
export const ingressNginx = objectDriver<IngressNginxInput>({
  kind: "ingress-nginx",
  description: "shifts traffic by the canary weight of an Ingress of ingress-nginx",
  traffic: true,
  input: ingressNginxInput,
  refuses: {
    sticky: {
      why: "ingress-nginx looks at its session cookie before the weight, also where that is 0, so a rollback would not reach who is kept on the canary",
      fix: "remove it, or give a route for a cookie that your application sets",
    },
  },
  settles: false,
  object: ({ ingress, namespace }) => objectName(`ingress/${ingress}`, namespace),
  preview: ({ input, share }) => {
    const command = `kubectl annotate --overwrite ingress ${input.ingress} ${WEIGHT}=`;
    const [routes, gone] =
      input.routes === undefined ? ["", ""] : [", canary-by-…", ", the annotations before"];
    return [
      { does: `${command}${share ?? 0}${routes}`, undo: `${command}<the weight before>${gone}` },
    ];
  },
  wanted: weightOf,
  problems,
});

function weightOf(
  { input, share }: Request<IngressNginxInput>,
  live: KubeObject,
): Answer<readonly Wanted[]> {
  const name = nameOf(live);
  if (share === null) return failed("ingress-nginx needs a share: put it under `traffic`");
  if (annotation(live, CANARY) !== "true")
    return failed(
      `${name} is no canary Ingress, so a weight on it does nothing: annotate the Ingress of the canary with ${CANARY}="true"`,
    );
  const written = annotation(live, TOTAL);
  const total = written === null ? 100 : Number(written);
  if (!Number.isInteger(total) || total <= 0)
    return failed(`${name}: ${TOTAL} is "${written ?? ""}", which is no whole number`);
  const weight = Number(((share * total) / 100).toFixed(6));
  if (!Number.isInteger(weight))
    return failed(
      `${share} % of ${TOTAL} ${total} is no whole weight: set ${TOTAL} of ${name} to 1000, or use whole percents`,
    );
  const routes = nginxRoutes(input.routes ?? []);
  if (routes.kind !== "ok") return routes;
  const path = ["metadata", "annotations", WEIGHT];
  return ok([{ path, value: present(String(weight)), label: "canary weight" }, ...routes.value]);
}

/** What makes nginx ignore the weight, or the way back. Who may not list Ingresses is not told. */
async function problems(
  _: Request<IngressNginxInput>,
  live: KubeObject,
  context: DriverContext,
): Promise<readonly string[]> {
  const namespace = textAt(live, "metadata", "namespace") ?? "";
  const printed = await runKubectl(
    [`--namespace=${namespace}`, "get", "ingress", "--output=json"],
    context,
  );
  const list = printed.kind === "ok" ? parseObject(printed.value) : printed;
  if (list.kind !== "ok") return [];
  const hosts = hostsOf(live);
  const mains = listAt(list.value, "items")
    .filter(isObject)
    .filter((each) => annotation(each, CANARY) !== "true")
    .filter((each) => hostsOf(each).some((host) => hosts.includes(host)));
  if (mains.length === 0)
    return [
      `no other Ingress in namespace ${namespace} serves ${hosts.join(", ") || "the same host"}: ingress-nginx ignores the canary ${nameOf(live)} without one`,
    ];
  // The controller looks at the cookie before it looks at the weight, also where that is 0.
  return mains
    .filter(
      (main) => annotation(main, AFFINITY) === "cookie" && annotation(main, BEHAVIOR) !== "legacy",
    )
    .map(
      (main) =>
        `${nameOf(main)} keeps users by a cookie on the version they were drawn for, whatever the weight: a rollback would not reach those on the canary; annotate it with ${BEHAVIOR}=legacy`,
    );
}

/** The hosts of its rules; a rule without one, and a default backend, serve every host. */
function hostsOf(ingress: KubeObject[string]): readonly string[] {
  const rules = listAt(ingress, "spec", "rules");
  return rules.length === 0 ? ["*"] : rules.map((rule) => textAt(rule, "host") ?? "*");
}

function annotation(object: KubeObject, key: string): string | null {
  return textAt(object, "metadata", "annotations", key);
}
