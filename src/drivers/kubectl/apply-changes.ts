import type { FieldValue } from "../../core/field.ts";
import type { Json } from "../../core/units.ts";
import { ok } from "../answer.ts";
import type { Answer, DriverContext, Request } from "../driver.ts";
import { asServerStores, hasNoDryRun } from "./ask-server.ts";
import { clusterIdentity, currentNamespace } from "./cluster-identity.ts";
import { seenOf } from "./fence-rule.ts";
import { fetchObject, type ObjectName } from "./fetch-object.ts";
import { fieldAt, wholeField, type ForwardChange, type Owner } from "./kube-field.ts";
import { isObject, nameOf, present, resourceOf, textAt, type KubeObject } from "./kube-object.ts";
import { madeBy, projectOn } from "./made-object.ts";
import { manifestsOf, type ApplyInput } from "./manifest-input.ts";
import { mergeLeaves } from "./merge-leaves.ts";
import type { Wanted } from "./object-driver.ts";
import { pathText } from "./object-path.ts";
import { parseObject, runKubectl } from "./run-kubectl.ts";

/**
 * The changes of `apply`. An object that does not exist, or that this rollout made, is one field as a whole: its undo
 * deletes it. Of an object that exists, each place that the manifest sets is a field: its undo puts those back.
 */
export async function applyChanges(
  { input, connectionName }: Request<ApplyInput>,
  context: DriverContext,
): Promise<Answer<readonly ForwardChange[]>> {
  const [manifests, cluster, namespace] = await Promise.all([
    manifestsOf(input, context),
    clusterIdentity(context),
    input.namespace === undefined ? currentNamespace(context) : ok(input.namespace),
  ]);
  for (const answer of [manifests, cluster, namespace]) if (answer.kind !== "ok") return answer;
  if (manifests.kind !== "ok" || cluster.kind !== "ok" || namespace.kind !== "ok") return ok([]);
  const owner: Owner = {
    driver: "apply",
    connection: connectionName,
    rollout: context.rollout,
    cluster: cluster.value,
  };
  const all: ForwardChange[] = [];
  for (const manifest of manifests.value) {
    const changes = await changesOf(manifest, namespace.value, owner, context);
    if (changes.kind !== "ok") return changes;
    all.push(...changes.value);
  }
  return ok(all);
}

export function manifestName(manifest: KubeObject, namespace: string): ObjectName {
  return {
    type: resourceOf(manifest),
    name: textAt(manifest, "metadata", "name") ?? "",
    namespace: textAt(manifest, "metadata", "namespace") ?? namespace,
  };
}

async function changesOf(
  manifest: KubeObject,
  namespace: string,
  owner: Owner,
  context: DriverContext,
): Promise<Answer<readonly ForwardChange[]>> {
  const name = manifestName(manifest, namespace);
  const live = await fetchObject(name, context);
  if (live.kind !== "ok") return live;
  if (live.value === null || madeBy(live.value) === context.rollout) {
    const stored = await asServerMakes(manifest, name, live.value === null, context);
    if (stored.kind !== "ok") return stored;
    const field = wholeField(owner, name, { label: nameOf(manifest), suffix: "", manifest });
    return ok([{ field, value: present(stored.value), seen: null }]);
  }
  const object = live.value;
  const wanted = await asServerStores(object, placesOf(manifest), context);
  if (wanted.kind !== "ok") return wanted;
  const seen = seenOf(object);
  return ok(
    wanted.value.map(({ path, value }) => ({
      field: fieldAt(owner, object, path, { label: pathText(path) }),
      value,
      seen,
    })),
  );
}

/** The places that a manifest sets; what names the object is none, and an empty map sets nothing. */
function placesOf(manifest: KubeObject): readonly Wanted[] {
  const named = /^(?:apiVersion|kind|status|metadata\.(?:name|namespace|creationTimestamp))\b/;
  return mergeLeaves(manifest).filter(
    ({ path, value }) => !named.test(pathText(path)) && !isEmptyMap(value),
  );
}

function isEmptyMap(value: FieldValue): boolean {
  return value.present && isObject(value.value) && Object.keys(value.value).length === 0;
}

/** The manifest as the server would store it, at the places that it names. */
async function asServerMakes(
  manifest: KubeObject,
  { namespace }: ObjectName,
  isNew: boolean,
  context: DriverContext,
): Promise<Answer<Json>> {
  const where = namespace === null ? [] : [`--namespace=${namespace}`];
  const verb = isNew ? ["create"] : ["replace"];
  const args = [...where, ...verb, "--filename=-", "--dry-run=server", "--output=json"];
  const printed = await runKubectl(args, context, JSON.stringify(manifest));
  if (printed.kind !== "ok") return hasNoDryRun(printed.why) || !isNew ? ok(manifest) : printed;
  const stored = parseObject(printed.value);
  return stored.kind === "ok" ? ok(projectOn(stored.value, manifest)) : stored;
}
