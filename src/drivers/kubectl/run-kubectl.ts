import type { Json } from "../../core/units.ts";
import { failed, ok, unknown } from "../answer.ts";
import type { Answer, DriverContext } from "../driver.ts";
import type { ExecResult } from "../exec.ts";
import { isObject, type KubeObject } from "./kube-object.ts";
import { readFailure } from "./read-failure.ts";

/** Bound of one request to the API server, below the 30 s that a write may take at most. */
export const REQUEST_TIMEOUT = "--request-timeout=20s";

/** Runs kubectl as the connection says and gives what it printed; whatever it warns about on stderr is left aside. */
export async function runKubectl(
  args: readonly string[],
  context: DriverContext,
  input?: string,
): Promise<Answer<string>> {
  const result = await execKubectl([REQUEST_TIMEOUT, ...args], context, input);
  return result.exitCode === 0 ? ok(result.stdout) : readFailure(result);
}

/** As `runKubectl`, but with the whole result and no bound of its own, for the argv that a plan states. */
export async function execKubectl(
  args: readonly string[],
  context: DriverContext,
  input?: string,
): Promise<ExecResult> {
  return await context.exec(["kubectl", ...connectionFlags(context), ...args], {
    signal: context.signal,
    ...(input === undefined ? {} : { input }),
  });
}

/** The flags that a person would have to add, in front of the verb so that they cannot end up behind a `--`. */
export function connectionFlags(context: Pick<DriverContext, "connection">): readonly string[] {
  // In its Job canary has the account of the Pod, and no file or context of the machine that started it.
  const isInside = (process.env["CANARY_IN_CLUSTER"] ?? "") !== "";
  const names = isInside ? ["namespace"] : ["kubeconfig", "context", "namespace"];
  return names.flatMap((name) => {
    const value = context.connection[name];
    return typeof value === "string" ? [`--${name}=${value}`] : [];
  });
}

/** Parses what `-o json` printed. */
export function parseObject(text: string): Answer<KubeObject> {
  let json: Json;
  try {
    json = JSON.parse(text) as Json;
  } catch {
    return unknown(`kubectl printed no JSON: ${text.slice(0, 120)}`);
  }
  return isObject(json) ? ok(json) : failed(`kubectl printed no object: ${text.slice(0, 120)}`);
}
