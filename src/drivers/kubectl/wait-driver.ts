import type { z } from "zod";

import type { Field } from "../../core/field.ts";
import { failed, ok } from "../answer.ts";
import type { ActionDriver, Answer, DriverContext, Request } from "../driver.ts";
import { missingNeeds } from "./can-i.ts";
import { clusterIdentity, currentNamespace } from "./cluster-identity.ts";
import { kubectlConnection } from "./connection.ts";
import { objectText, type ObjectName } from "./fetch-object.ts";
import { objectNameOf, refOf, wholeField, type ForwardChange } from "./kube-field.ts";
import { present, type KubeObject } from "./kube-object.ts";
import type { RolloutState } from "./rollout-state.ts";
import { waitFor } from "./settle.ts";

export interface WaitVerb<I> {
  readonly kind: string;
  readonly description: string;
  readonly input: z.ZodType<I>;
  object(input: I): ObjectName;
  command(input: I): string;
  judge(input: I, live: KubeObject | null): RolloutState;
}

const WAITED = present("waited for");

/**
 * Builds the driver of a verb that only waits. It stands in the plan like a change, with one field that always holds
 * the same value: writing it does nothing, taking it up is the wait, and undoing it is nothing.
 */
export function waitDriver<I>(verb: WaitVerb<I>): ActionDriver<I> {
  return {
    kind: verb.kind,
    description: verb.description,
    connections: [kubectlConnection.type],
    traffic: false,
    input: verb.input,
    style: () => "fields",
    preview: ({ input }) => [{ does: verb.command(input), undo: "nothing: it only waits" }],
    changes: (request, context) => changesOf(verb, request, context),
    read: (fields) =>
      Promise.resolve(ok(fields.map((field) => ({ field, value: WAITED, mark: null })))),
    write: (_, context) =>
      Promise.resolve(context.signal.aborted ? failed("interrupted") : ok(null)),
    settle: (changes, context) => settle(verb, changes, context),
    call: () => Promise.resolve(failed(`${verb.kind} is not called, it waits`)),
    fence: () => Promise.resolve(ok(null)),
    release: () => Promise.resolve(ok(null)),
    permissions: async ({ input }, context) =>
      await missingNeeds(
        [{ ...verb.object(input), verb: "get", reason: "waiting for it" }],
        context,
      ),
  };
}

async function changesOf<I>(
  verb: WaitVerb<I>,
  { input, connectionName }: Request<I>,
  context: DriverContext,
): Promise<Answer<readonly ForwardChange[]>> {
  const named = verb.object(input);
  const [cluster, namespace] = await Promise.all([
    clusterIdentity(context),
    named.namespace === null ? currentNamespace(context) : ok(named.namespace),
  ]);
  if (cluster.kind !== "ok") return cluster;
  if (namespace.kind !== "ok") return namespace;
  const { rollout } = context;
  const owner = { driver: verb.kind, connection: connectionName, rollout, cluster: cluster.value };
  const object = { ...named, namespace: namespace.value };
  const field: Field = wholeField(owner, object, {
    label: `wait for ${objectText(object)}`,
    suffix: `wait ${verb.command(input)}`,
    manifest: input as never,
  });
  return ok([{ field, value: WAITED, seen: null }]);
}

async function settle<I>(
  verb: WaitVerb<I>,
  changes: readonly ForwardChange[],
  context: DriverContext,
): Promise<Answer<null>> {
  for (const change of changes) {
    // Without it, this is an undo: what it waited for may never come again.
    if (!("seen" in change)) continue;
    const ref = refOf(change.field);
    const input = verb.input.parse(ref.manifest);
    const answer = await waitFor(objectNameOf(ref), context, (live) => verb.judge(input, live));
    if (answer.kind !== "ok") return answer;
  }
  return ok(null);
}
