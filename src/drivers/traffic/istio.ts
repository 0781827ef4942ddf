import { z } from "zod";

import { failed } from "../answer.ts";
import type { Request } from "../driver.ts";
import { objectDriver } from "../kubectl/object-driver.ts";
import { namespaceInput, objectName } from "../kubectl/object-input.ts";
import { istioShape, destinationText, type Destination } from "./istio-shape.ts";
import { routesInput } from "./routes-input.ts";
import { ruleWeights } from "./rule-weights.ts";
import { shareWeights } from "./share-weights.ts";

const istioInput = z.strictObject({
  virtualService: z.string().min(1).describe("the VirtualService that sends to both versions"),
  canary: z
    .union([
      z.string().min(1),
      z
        .strictObject({ host: z.string().min(1).optional(), subset: z.string().min(1).optional() })
        .refine(
          ({ host, subset }) => host !== undefined || subset !== undefined,
          "name the `host` or the `subset` of the new version",
        ),
    ])
    .describe(
      "the destination of the new version as the VirtualService names it: a host, or { host, subset }",
    ),
  routes: routesInput,
  namespace: namespaceInput,
});

export type IstioInput = z.infer<typeof istioInput>;

/**
 * Shifts traffic by the weights of the destinations of a VirtualService, in every HTTP route that has the canary beside
 * one other destination. `routes` are HTTP routes of their own right before the one they stand for: the first that
 * matches wins there.
 */
export const istio = objectDriver<IstioInput>({
  kind: "istio",
  description: "shifts traffic by the destination weights of a VirtualService of Istio",
  traffic: true,
  input: istioInput,
  refuses: {
    sticky: {
      why: "Istio draws the version by weight before `consistentHash` of a DestinationRule chooses among its Pods, so nobody is kept on a version",
      fix: "remove it, or give a route for a cookie that your application sets",
    },
  },
  object: ({ virtualService, namespace }) =>
    objectName(`virtualservices.networking.istio.io/${virtualService}`, namespace),
  preview: ({ input, share }) => {
    const weights = shareWeights(share ?? 0);
    const canary = weights.kind === "ok" ? weights.value.canary : (share ?? 0);
    const target = destinationText({ ...canaryOf(input) } as never);
    const command = `kubectl patch virtualservice ${input.virtualService} --type=json: weight of ${target}`;
    const [routes, gone] =
      input.routes === undefined ? ["", ""] : [", with its routes", ", without the routes"];
    return [
      { does: `${command} = ${canary}${routes}`, undo: `${command} = <the weights before>${gone}` },
    ];
  },
  wanted: ({ input, share }: Request<IstioInput>, live) =>
    share === null
      ? failed("istio needs a share: put it under `traffic`")
      : ruleWeights({
          shape: istioShape(canaryOf(input)),
          live,
          share,
          routes: input.routes ?? [],
        }),
  // The control plane pushes it to the proxies and says nothing about that in the object.
  settles: false,
});

function canaryOf({ canary }: IstioInput): Destination {
  return typeof canary === "string" ? { host: canary } : canary;
}
