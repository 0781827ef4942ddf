import { z } from "zod";

import { failed } from "../answer.ts";
import type { Answer, DriverContext, Request } from "../driver.ts";
import { asServerStores } from "../kubectl/ask-server.ts";
import type { KubeObject } from "../kubectl/kube-object.ts";
import { objectDriver, type Wanted } from "../kubectl/object-driver.ts";
import { namespaceInput, objectName } from "../kubectl/object-input.ts";
import { parentProblems, parentState } from "./gateway-parents.ts";
import { gatewayShape } from "./gateway-shape.ts";
import { routesInput } from "./routes-input.ts";
import { ruleWeights } from "./rule-weights.ts";
import { shareWeights } from "./share-weights.ts";

const gatewayApiInput = z.strictObject({
  route: z.string().min(1).describe("the HTTPRoute that sends to both versions"),
  canary: z
    .string()
    .min(1)
    .describe("the Service of the new version, as the route names it beside that of the old one"),
  routes: routesInput,
  namespace: namespaceInput,
});

export type GatewayApiInput = z.infer<typeof gatewayApiInput>;

/**
 * Shifts traffic by the weights of the backends of an HTTPRoute, in every rule that has the canary beside one other
 * backend. Routes are rules of their own, which are more specific than the rule they stand for and so go before it.
 * https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule
 */
export const gatewayApi = objectDriver<GatewayApiInput>({
  kind: "gateway-api",
  description: "shifts traffic by the backend weights of an HTTPRoute of the Gateway API",
  traffic: true,
  input: gatewayApiInput,
  refuses: {
    sticky: {
      why: "`sessionPersistence` of the Gateway API goes before the weights, also where that of the canary is 0, so a rollback would not reach who is kept there; it is experimental, too",
      fix: "remove it, or give a route for a cookie that your application sets",
    },
  },
  object: ({ route, namespace }) =>
    objectName(`httproutes.gateway.networking.k8s.io/${route}`, namespace),
  preview: ({ input, share }) => {
    const weights = shareWeights(share ?? 0);
    const canary = weights.kind === "ok" ? weights.value.canary : (share ?? 0);
    const command = `kubectl patch httproute ${input.route} --type=json: weight of ${input.canary}`;
    const routes = input.routes === undefined ? "" : ", with its routes";
    return [
      {
        does: `${command} = ${canary}${routes}`,
        undo: `${command} = <the weights before>${routes === "" ? "" : ", without the routes"}`,
      },
    ];
  },
  wanted: wanted,
  settles: parentState,
  problems: (_, live) => Promise.resolve(parentProblems(live)),
});

async function wanted(
  { input, share }: Request<GatewayApiInput>,
  live: KubeObject,
  context: DriverContext,
): Promise<Answer<readonly Wanted[]>> {
  if (share === null) return failed("gateway-api needs a share: put it under `traffic`");
  const shape = gatewayShape(input.canary);
  const found = ruleWeights({ shape, live, share, routes: input.routes ?? [] });
  // A rule of our own is made whole: whether the server takes it, with its limits on rules and matches, it says itself.
  return found.kind !== "ok" || input.routes === undefined
    ? found
    : await asServerStores(live, found.value, context);
}
