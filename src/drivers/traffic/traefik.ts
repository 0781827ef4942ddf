import { z } from "zod";

import { failed, ok } from "../answer.ts";
import type { Answer, Request } from "../driver.ts";
import { durationInput, durationOf } from "../duration-input.ts";
import {
  isObject,
  listAt,
  nameOf,
  at,
  present,
  textAt,
  type KubeObject,
} from "../kubectl/kube-object.ts";
import { objectDriver, type Wanted } from "../kubectl/object-driver.ts";
import { namespaceInput, objectName } from "../kubectl/object-input.ts";
import { shareWeights } from "./share-weights.ts";

const traefikInput = z.strictObject({
  service: z.string().min(1).describe("the TraefikService that weighs both versions"),
  canary: z
    .string()
    .min(1)
    .describe("the service of the new version, as the TraefikService names it beside the old one"),
  sticky: z
    .strictObject({
      cookie: z
        .string()
        .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, "this is not the name of a cookie")
        .describe("the cookie that keeps a user on the version that was drawn first"),
      for: durationInput.describe("how long it is kept"),
    })
    .optional()
    .describe("keeps users on their version; they leave the canary when its weight becomes 0"),
  namespace: namespaceInput,
});

export type TraefikInput = z.infer<typeof traefikInput>;

/**
 * Shifts traffic by the weights of a TraefikService. A service of weight 0 gets nobody, also nobody whose cookie names it.
 * https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/crd/http/traefikservice/
 */
export const traefik = objectDriver<TraefikInput>({
  kind: "traefik",
  description: "shifts traffic by the weights of a TraefikService",
  traffic: true,
  input: traefikInput,
  refuses: {
    routes: {
      why: "a TraefikService weighs services and sees no headers or cookies",
      fix: "remove it; an IngressRoute with a rule of its own may lead to the canary before the TraefikService",
    },
  },
  object: ({ service, namespace }) =>
    objectName(`traefikservices.traefik.io/${service}`, namespace),
  preview: ({ input, share }) => {
    const weights = shareWeights(share ?? 0);
    const canary = weights.kind === "ok" ? weights.value.canary : (share ?? 0);
    const command = `kubectl patch traefikservice ${input.service} --type=json: weight of ${input.canary}`;
    const [cookie, gone] =
      input.sticky === undefined
        ? ["", ""]
        : [`, kept by the cookie ${input.sticky.cookie}`, ", and its stickiness before"];
    return [
      { does: `${command} = ${canary}${cookie}`, undo: `${command} = <the weights before>${gone}` },
    ];
  },
  wanted: weighted,
  // Traefik watches the object and says nothing about it there.
  settles: false,
});

function weighted(
  { input, share }: Request<TraefikInput>,
  live: KubeObject,
): Answer<readonly Wanted[]> {
  if (share === null) return failed("traefik needs a share: put it under `traffic`");
  const { canary, sticky } = input;
  const name = nameOf(live);
  if (!isObject(at(live, "spec", "weighted")))
    return failed(`${name} weighs nothing: its spec has no \`weighted\``);
  const place = ["spec", "weighted", "services"];
  const names = listAt(live, ...place).map((service) => textAt(service, "name") ?? "");
  const stable = names.find((each) => each !== canary);
  if (!names.includes(canary))
    return failed(
      `${name} sends only to ${names.join(", ") || "nothing"}: add ${canary} with weight 0 to its services`,
    );
  if (stable === undefined || names.length !== 2)
    return failed(
      `${name} sends to ${names.join(", ")}: a share needs exactly two, ${canary} and the old version`,
    );
  const weights = shareWeights(share);
  if (weights.kind !== "ok") return weights;
  const wanted = [
    [canary, weights.value.canary],
    [stable, weights.value.stable],
  ] as const;
  return ok([
    ...wanted.map(([service, weight]) => ({
      path: [...place, { name: service }, "weight"],
      value: present(weight),
      label: `weight of ${service}`,
    })),
    ...(sticky === undefined ? [] : [stickiness(sticky)]),
  ]);
}

function stickiness(sticky: NonNullable<TraefikInput["sticky"]>): Wanted {
  const maxAge = Math.max(1, Math.round(durationOf(sticky.for) / 1000));
  return {
    path: ["spec", "weighted", "sticky", "cookie"],
    value: present({ name: sticky.cookie, maxAge, httpOnly: true }),
    label: "sticky cookie",
  };
}
