import { failed, ok } from "../answer.ts";
import type { DriverContext } from "../driver.ts";
import type { Answer } from "../driver.ts";
import { objectText } from "./fetch-object.ts";
import { readFailure } from "./read-failure.ts";
import { execKubectl, REQUEST_TIMEOUT } from "./run-kubectl.ts";

export interface Need {
  readonly verb: string;
  /** `Deployment.apps`, or a subresource as `pods/exec`. */
  readonly type: string;
  readonly name: string | null;
  readonly namespace: string | null;
  /** What it is needed for, in words: `the change and its undo`. */
  readonly reason: string;
}

/** Those of the needs that the credentials do not cover, in words; or why that cannot be told. */
export async function missingNeeds(
  needs: readonly Need[],
  context: DriverContext,
): Promise<readonly string[]> {
  const answers = await Promise.all(needs.map((need) => canI(need, context)));
  const problems = answers.flatMap((answer, index) => {
    const need = needs[index];
    if (answer.kind !== "ok") return [answer.why];
    return answer.value || need === undefined ? [] : [wordsOf(need, context)];
  });
  return [...new Set(problems)];
}

async function canI(need: Need, context: DriverContext): Promise<Answer<boolean>> {
  const where = need.namespace === null ? [] : [`--namespace=${need.namespace}`];
  const isSubresource = need.type.includes("/");
  const [type = "", subresource = ""] = need.type.split("/");
  const what = `${type.toLowerCase()}${need.name === null ? "" : `/${need.name}`}`;
  const args = [...where, "auth", "can-i", need.verb, what];
  if (isSubresource) args.push(`--subresource=${subresource}`);
  const result = await execKubectl([REQUEST_TIMEOUT, ...args], context);
  const said = result.stdout.trim().split("\n").at(-1)?.trim() ?? "";
  if (said.startsWith("yes")) return ok(true);
  if (said.startsWith("no")) return ok(false);
  const failure = readFailure(result);
  return failed(`kubectl cannot tell what is permitted: ${failure.why}`);
}

function wordsOf(
  { verb, type, name, namespace, reason }: Need,
  { connection }: DriverContext,
): string {
  const what =
    name === null ? objectText({ type, name: "" }).slice(0, -1) : objectText({ type, name });
  const place = namespace ?? connection["namespace"];
  const where = typeof place === "string" ? ` in namespace ${place}` : "";
  return `no permission to ${verb} ${what}${where}, needed for ${reason}: grant it, or use other credentials`;
}
