import { ok } from "../answer.ts";
import type { Answer, DriverContext } from "../driver.ts";
import type { KubeObject } from "./kube-object.ts";
import { parseObject, runKubectl } from "./run-kubectl.ts";

export interface ObjectName {
  /** `Deployment.v1.apps`, or as a plan writes it: `deployment`. */
  readonly type: string;
  readonly name: string;
  /** Null: that of the connection, and for objects that have none. */
  readonly namespace: string | null;
}

/** `deployment/api`, for people. */
export function objectText({ type, name }: Pick<ObjectName, "type" | "name">): string {
  return `${(type.split(".")[0] ?? "").toLowerCase()}/${name}`;
}

/** The object as it is now; null when there is none. */
export async function fetchObject(
  { type, name, namespace }: ObjectName,
  context: DriverContext,
): Promise<Answer<KubeObject | null>> {
  const where = namespace === null ? [] : [`--namespace=${namespace}`];
  const args = [...where, "get", type, name, "--ignore-not-found", "--output=json"];
  const answer = await runKubectl(args, context);
  if (answer.kind !== "ok") return answer;
  return answer.value.trim() === "" ? ok(null) : parseObject(answer.value);
}
