import { createHash } from "node:crypto";

import type { Plan } from "../core/plan.ts";
import type { Json } from "../core/units.ts";
import { canonicalJson } from "./canonical-json.ts";
import { isMap } from "./decode/is-map.ts";
import { readSource } from "./source/read-source.ts";

/**
 * SHA-256 of what a plan's way back follows from: what is changed, through which connections, and what it says about undo and
 * rollback, as they are written: `${params.version}` and not its value, since every release has another one. Only the values
 * of parameters with `choices` count, which choose between ways. Shares, soaks, gates and messages do not. Null when the text
 * is no plan.
 */
export function wayBackDigest(path: string, text: string, plan: Plan): string | null {
  const root = readSource(path, text).source?.root;
  if (!isMap(root)) return null;
  const stages = Array.isArray(root["stages"]) ? root["stages"] : [];
  const parts = {
    connections: root["connections"],
    traffic: root["traffic"],
    everyStage: actionsOf(root["everyStage"]),
    stages: stages.map((stage) => actionsOf(stage) ?? null),
    finish: root["finish"],
    rollback: root["rollback"],
    playbooks: root["playbooks"],
    chosen: chosen(root["params"], plan),
  };
  return createHash("sha256").update(canonicalJson(parts)).digest("hex");
}

function actionsOf(stage: Json | undefined): Json | undefined {
  return isMap(stage) ? stage["actions"] : undefined;
}

function chosen(params: Json | undefined, plan: Plan): unknown {
  if (!isMap(params)) return {};
  const names = Object.entries(params).filter(([, each]) => isMap(each) && "choices" in each);
  return Object.fromEntries(names.map(([name]) => [name, plan.params[name]]));
}
