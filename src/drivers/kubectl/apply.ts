import type { Change } from "../../core/field.ts";
import { failed, ok } from "../answer.ts";
import type { ActionDriver, Answer, DriverContext, Request } from "../driver.ts";
import { applyChanges, manifestName } from "./apply-changes.ts";
import { missingNeeds, type Need } from "./can-i.ts";
import { currentNamespace } from "./cluster-identity.ts";
import { kubectlConnection } from "./connection.ts";
import { fence, release } from "./fence.ts";
import { fetchObject } from "./fetch-object.ts";
import { objectNameOf, refOf } from "./kube-field.ts";
import { nameOf } from "./kube-object.ts";
import { madeBy } from "./made-object.ts";
import { applyInput, manifestsOf, type ApplyInput } from "./manifest-input.ts";
import { readFields } from "./read-fields.ts";
import { settleObjects, waitFor } from "./settle.ts";
import { writeEach } from "./write-each.ts";
import { writeWhole } from "./write-object.ts";

/**
 * Applies manifests. What does not exist is made, and its undo deletes it; what exists gets the values of the manifest,
 * and its undo puts back exactly those places. Lists are replaced as a whole. Nothing else of an object is touched,
 * and what an earlier manifest had and this one leaves out stays.
 */
export const apply: ActionDriver<ApplyInput> = {
  kind: "apply",
  description:
    "makes objects from manifests, or sets what a manifest says in those that exist, and waits until it is taken up",
  connections: [kubectlConnection.type],
  traffic: false,
  input: applyInput,
  style: () => "fields",
  preview: ({ input }) => {
    const names = [input.manifest ?? []].flat().map(nameOf).join(", ");
    const what = input.file === undefined ? `(${names})` : input.file;
    return [
      {
        does: `kubectl apply --filename=${what}`,
        undo: "deletes what it made, and puts back the values before in what existed",
      },
    ];
  },
  changes: applyChanges,
  read: readFields,
  write,
  settle,
  call: () => Promise.resolve(failed("apply is not called, it writes fields")),
  fence: async (fields, context) =>
    fields.some((field) => refOf(field).manifest !== null)
      ? failed("an object that does not exist cannot refuse to be made")
      : await fence(fields, context),
  release,
  permissions,
};

async function write(changes: readonly Change[], context: DriverContext): Promise<Answer<null>> {
  const [whole, places] = [true, false].map((isWhole) =>
    changes.filter(({ field }) => (refOf(field).manifest !== null) === isWhole),
  );
  for (const change of whole ?? []) {
    const answer = await writeWhole(change, context);
    if (answer.kind !== "ok") return answer;
  }
  return await writeEach(places ?? [], context);
}

/** What was deleted is taken up when it is gone, with its finalizers. */
async function settle(changes: readonly Change[], context: DriverContext): Promise<Answer<null>> {
  for (const { field } of changes.filter(isGone)) {
    const answer = await waitFor(objectNameOf(refOf(field)), context, (live) =>
      live === null || madeBy(live) !== context.rollout
        ? { kind: "done" }
        : { kind: "waiting", why: `${field.label} is still being deleted` },
    );
    if (answer.kind !== "ok") return answer;
  }
  return await settleObjects(
    changes.filter((change) => !isGone(change)),
    context,
  );
}

function isGone({ field, value }: Change): boolean {
  return refOf(field).manifest !== null && !value.present;
}

async function permissions(
  request: Request<ApplyInput>,
  context: DriverContext,
): Promise<readonly string[]> {
  const { input } = request;
  const manifests = await manifestsOf(input, context);
  if (manifests.kind !== "ok") return [manifests.why];
  const namespace =
    input.namespace === undefined ? await currentNamespace(context) : ok(input.namespace);
  if (namespace.kind !== "ok") return [namespace.why];
  const needs: Need[] = [];
  for (const manifest of manifests.value) {
    const object = manifestName(manifest, namespace.value);
    const live = await fetchObject(object, context);
    needs.push({ ...object, verb: "get", reason: "reading its baseline and reading back" });
    needs.push({ ...object, verb: "patch", reason: "the change and its undo" });
    if (live.kind === "ok" && live.value === null) {
      needs.push({ ...object, name: null, verb: "create", reason: "making it" });
      needs.push({ ...object, verb: "delete", reason: "its undo, which deletes it" });
    }
  }
  const missing = await missingNeeds(needs, context);
  if (missing.length > 0) return missing;
  const changes = await applyChanges(request, context);
  return changes.kind === "ok" ? [] : [changes.why];
}
