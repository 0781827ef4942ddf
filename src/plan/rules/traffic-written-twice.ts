import type { Action } from "../../core/plan.ts";
import type { Json } from "../../core/units.ts";
import type { LocatedPlan } from "../located-plan.ts";
import type { Found } from "./problems-at.ts";
import { sourcePath } from "./source-path.ts";

/** Which key of a traffic action names the object that it weighs, and where in it the weights stand. */
const ROUTERS: Readonly<Record<string, { readonly names: string; readonly weights: string }>> = {
  "gateway-api": { names: "route", weights: "rules" },
  istio: { names: "virtualService", weights: "http" },
  traefik: { names: "service", weights: "weighted" },
};
const WEIGHT = "nginx.ingress.kubernetes.io/canary-weight";

/** The share belongs to `traffic` alone: what another action writes there is overwritten, or overwrites it. */
export function trafficWrittenTwice(located: LocatedPlan): readonly Found[] {
  const { plan } = located;
  const staged = plan.stages.flatMap(({ actions }) => actions);
  const shifts = [...staged, ...plan.finish].filter(({ role }) => role === "traffic");
  return [...staged, ...plan.finish].flatMap((action): readonly Found[] => {
    // After the last stage a workload may be scaled again: then it no longer shares anything.
    const writes = writesShare(action, staged.includes(action));
    if (!shifts.some(writes)) return [];
    return [
      {
        code: "traffic-written-twice",
        path: sourcePath(located, `action:${action.id}`),
        message: `the action ${action.title} sets the weight that \`traffic\` shifts`,
        fix: "leave it out and state the share as `traffic:` of the stage",
      },
    ];
  });
}

/** Whether this action writes what a traffic action sets. */
function writesShare(action: Action, inStage: boolean): (traffic: Action) => boolean {
  const { driver, input } = action;
  const resource = nameIn(input["resource"]);
  return ({ driver: router, input: shifted }) => {
    if (driver === "annotate")
      return (
        router === "ingress-nginx" && has(input["set"], WEIGHT) && resource === shifted["ingress"]
      );
    if (driver === "scale")
      return (
        router === "replicas" &&
        inStage &&
        [nameIn(shifted["canary"]), nameIn(shifted["stable"])].includes(nameIn(input["workload"]))
      );
    const places = ROUTERS[router];
    if (driver !== "patch" || places === undefined) return false;
    return resource === shifted[places.names] && has(at(input["patch"], "spec"), places.weights);
  };
}

/** `shop` of `deployment/shop`. */
function nameIn(text: Json | undefined): string {
  return typeof text === "string" ? (text.split("/")[1] ?? "") : "";
}

function has(json: Json | undefined, key: string): boolean {
  return at(json, key) !== undefined;
}

function at(json: Json | undefined, key: string): Json | undefined {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return undefined;
  return Object.entries(json).find(([name]) => name === key)?.[1];
}
