import { failed, ok } from "../answer.ts";
import type { Answer, DriverContext } from "../driver.ts";
import { patchFor } from "./json-patch.ts";
import { resourceOf, textAt, type KubeObject } from "./kube-object.ts";
import type { Wanted } from "./object-driver.ts";
import { depthOf, readPath } from "./object-path.ts";
import { parseObject } from "./run-kubectl.ts";
import { sendPatch } from "./send-patch.ts";

/**
 * The values as the server would store them: it writes `0.5` CPUs as `500m` and fills in defaults, and what is read
 * back must be comparable. A dry run changes nothing and shows what the server would refuse.
 */
export async function asServerStores(
  live: KubeObject,
  wanted: readonly Wanted[],
  context: DriverContext,
): Promise<Answer<readonly Wanted[]>> {
  if (textAt(live, "kind") === "Secret") return noSecret();
  const edits = wanted.map(({ path, value }) => ({ path, value, had: depthOf(live, path) }));
  const patch = patchFor(live, edits);
  if (patch.kind !== "ok") return patch;
  if (patch.value.ops.length === 0) return ok(wanted);
  const object = {
    type: resourceOf(live),
    name: textAt(live, "metadata", "name") ?? "",
    namespace: textAt(live, "metadata", "namespace"),
  };
  const flags = ["--dry-run=server", "--output=json"];
  const printed = await sendPatch(object, patch.value.ops, flags, context);
  if (printed.kind !== "ok") return hasNoDryRun(printed.why) ? ok(wanted) : printed;
  const stored = parseObject(printed.value);
  if (stored.kind !== "ok") return stored;
  return ok(wanted.map((each) => ({ ...each, value: readPath(stored.value, each.path) })));
}

/** An admission webhook with side effects makes the server refuse every dry run. */
export function hasNoDryRun(why: string): boolean {
  return /does not support dry[ -]?run/i.test(why);
}

export function noSecret(): Answer<never> {
  return failed(
    "the old values of a Secret would lie in the rollback bundle: make a new Secret beside it and refer to that one",
  );
}
