import type { Json } from "../../core/units.ts";
import { at, listAt, nameOf, numberAt, textAt, type KubeObject } from "../kubectl/kube-object.ts";
import type { RolloutState } from "../kubectl/rollout-state.ts";

/**
 * Whether every Gateway of an HTTPRoute has taken up its generation, by the conditions that their controllers report.
 * https://gateway-api.sigs.k8s.io/reference/spec/#routeparentstatus
 */
export function parentState(route: KubeObject): RolloutState {
  const generation = numberAt(route, "metadata", "generation");
  for (const parent of parentsOf(route)) {
    for (const type of ["Accepted", "ResolvedRefs"]) {
      const condition = conditionOf(parent, type);
      if (condition === null) continue;
      const gateway = textAt(parent, "parentRef", "name") ?? "a gateway";
      const observed = at(condition, "observedGeneration");
      // It is optional: who does not say what was seen is not waited for.
      if (typeof observed === "number" && observed < generation)
        return { kind: "waiting", why: `${gateway} has not taken up ${nameOf(route)} yet` };
      if (textAt(condition, "status") === "False")
        return { kind: "failed", why: `${gateway} refuses ${nameOf(route)}: ${textOf(condition)}` };
    }
  }
  return { kind: "done" };
}

/** A route that no Gateway has accepted routes nothing, so its weights shift nothing. */
export function parentProblems(route: KubeObject): readonly string[] {
  const accepted = parentsOf(route).some(
    (parent) => textAt(conditionOf(parent, "Accepted"), "status") === "True",
  );
  if (!accepted) return [`no gateway has accepted ${nameOf(route)}: its weights shift nothing`];
  const state = parentState(route);
  if (state.kind === "done") return [];
  return [state.kind === "failed" ? state.why : `${state.why}: does its controller run?`];
}

/** Those that the route names; what a controller said of one that it named before may stay for ever. */
function parentsOf(route: KubeObject): readonly Json[] {
  const named = new Set(
    listAt(route, "spec", "parentRefs").map((parent) => textAt(parent, "name")),
  );
  return listAt(route, "status", "parents").filter((parent) =>
    named.has(textAt(parent, "parentRef", "name")),
  );
}

function conditionOf(parent: Json, type: string): Json {
  return listAt(parent, "conditions").find((each) => textAt(each, "type") === type) ?? null;
}

function textOf(condition: Json): string {
  return [textAt(condition, "reason"), textAt(condition, "message")].filter(Boolean).join(", ");
}
