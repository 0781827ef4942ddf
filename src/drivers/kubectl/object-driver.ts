import type { z } from "zod";

import type { FieldValue } from "../../core/field.ts";
import type { Json } from "../../core/units.ts";
import { failed, ok } from "../answer.ts";
import type { ActionDriver, Answer, DriverContext, Preview, Request } from "../driver.ts";
import { fillJson } from "../template.ts";
import { missingNeeds, type Need } from "./can-i.ts";
import { clusterIdentity } from "./cluster-identity.ts";
import { kubectlConnection } from "./connection.ts";
import { seenOf } from "./fence-rule.ts";
import { fence, release } from "./fence.ts";
import { fetchObject, objectText, type ObjectName } from "./fetch-object.ts";
import { fieldAt, type ForwardChange } from "./kube-field.ts";
import type { KubeObject } from "./kube-object.ts";
import { pathText, type ObjectPath } from "./object-path.ts";
import { readFields } from "./read-fields.ts";
import { rolloutState, type RolloutState } from "./rollout-state.ts";
import { settleObjects } from "./settle.ts";
import { writeEach } from "./write-each.ts";

/** A value that a verb wants at a place of its object. */
export interface Wanted {
  readonly path: ObjectPath;
  readonly value: FieldValue;
  /** For people: `replicas`; without it the path. */
  readonly label?: string;
  /** Where an element goes that is not in its list yet; without it the end. */
  readonly position?: number;
}

/** What makes one verb different from the others: which object, which places, and what else can be wrong. */
export interface ObjectVerb<I> {
  readonly kind: string;
  readonly description: string;
  readonly traffic?: boolean;
  readonly input: z.ZodType<I>;
  readonly refuses?: ActionDriver<I>["refuses"];
  object(input: I): ObjectName;
  preview(request: Request<I>): readonly Preview[];
  wanted(
    request: Request<I>,
    live: KubeObject,
    context: DriverContext,
  ): Promise<Answer<readonly Wanted[]>> | Answer<readonly Wanted[]>;
  /**
   * Whether a controller has to take up the change, and how one sees that it has, where the rules of workloads do not
   * say it. Without it the change is in force once it is written.
   */
  readonly settles: boolean | ((live: KubeObject) => RolloutState);
  problems?(
    request: Request<I>,
    live: KubeObject,
    context: DriverContext,
  ): Promise<readonly string[]>;
}

/** Builds the driver of a verb that writes places of one existing object. */
export function objectDriver<I>(verb: ObjectVerb<I>): ActionDriver<I> {
  return {
    kind: verb.kind,
    description: verb.description,
    connections: [kubectlConnection.type],
    traffic: verb.traffic ?? false,
    input: verb.input,
    ...(verb.refuses === undefined ? {} : { refuses: verb.refuses }),
    style: () => "fields",
    preview: (request) => verb.preview(request),
    changes: (request, context) => changesOf(verb, literally(request), context),
    read: readFields,
    write: writeEach,
    settle: (changes, context) =>
      verb.settles === false
        ? Promise.resolve(ok(null))
        : settleObjects(changes, context, verb.settles === true ? rolloutState : verb.settles),
    call: () => Promise.resolve(failed(`${verb.kind} is not called, it writes fields`)),
    fence,
    release,
    permissions: (request, context) => permissionsOf(verb, literally(request), context),
  };
}

/** These verbs fill in nothing of their own: what is left is the escape of a literal `${`. */
function literally<I>(request: Request<I>): Request<I> {
  return { ...request, input: fillJson(request.input as Json, () => undefined) as I };
}

async function changesOf<I>(
  verb: ObjectVerb<I>,
  request: Request<I>,
  context: DriverContext,
): Promise<Answer<readonly ForwardChange[]>> {
  const [live, cluster] = await Promise.all([
    find(verb, request, context),
    clusterIdentity(context),
  ]);
  if (live.kind !== "ok") return live;
  if (cluster.kind !== "ok") return cluster;
  const wanted = await verb.wanted(request, live.value, context);
  if (wanted.kind !== "ok") return wanted;
  const owner = {
    driver: verb.kind,
    connection: request.connectionName,
    rollout: context.rollout,
    cluster: cluster.value,
  };
  const seen = seenOf(live.value);
  return ok(
    wanted.value.map(({ path, value, label, position }) => ({
      field: fieldAt(owner, live.value, path, { label: label ?? pathText(path), position }),
      value,
      seen,
    })),
  );
}

async function find<I>(
  verb: ObjectVerb<I>,
  { input }: Request<I>,
  context: DriverContext,
): Promise<Answer<KubeObject>> {
  const object = verb.object(input);
  const live = await fetchObject(object, context);
  if (live.kind !== "ok") return live;
  if (live.value === null)
    return failed(`there is no ${objectText(object)}${whereOf(object, context)}`);
  return ok(live.value);
}

function whereOf({ namespace }: ObjectName, { connection }: DriverContext): string {
  const where = namespace ?? connection["namespace"];
  return typeof where === "string" ? ` in namespace ${where}` : "";
}

async function permissionsOf<I>(
  verb: ObjectVerb<I>,
  request: Request<I>,
  context: DriverContext,
): Promise<readonly string[]> {
  const { type, name, namespace } = verb.object(request.input);
  const need = (action: string, reason: string): Need => ({
    verb: action,
    type,
    name,
    namespace,
    reason,
  });
  const missing = await missingNeeds(
    [
      need("get", "reading its baseline and reading back"),
      need("patch", "the change and its undo"),
    ],
    context,
  );
  if (missing.length > 0) return missing;
  const live = await find(verb, request, context);
  if (live.kind !== "ok") return [live.why];
  const wanted = await verb.wanted(request, live.value, context);
  const problems = (await verb.problems?.(request, live.value, context)) ?? [];
  return wanted.kind === "ok" ? problems : [wanted.why, ...problems];
}
