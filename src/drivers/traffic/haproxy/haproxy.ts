import type { Change, Field } from "../../../core/field.ts";
import { failed, ok, unknown } from "../../answer.ts";
import type { ActionDriver, Answer, DriverContext, Request } from "../../driver.ts";
import { splitWeights } from "../split-weights.ts";
import {
  backendValue,
  placeText,
  refOf,
  type BackendValue,
  type HaproxyRef,
} from "./backend-field.ts";
import { haproxyConnection, placeOf, type HaproxyPlace } from "./connection.ts";
import { haproxyInput, type HaproxyInput } from "./haproxy-input.ts";
import { haproxyProblems } from "./haproxy-problems.ts";
import { readHaproxy, readServers, valueOf } from "./read-haproxy.ts";
import { writeHaproxy } from "./write-haproxy.ts";

/** What HAProxy takes for a weight. */
const MOST = 256;
const PAUSE = 200;

/**
 * Shifts traffic by the weights of a backend's servers, without a reload. At 0 % the servers of the new version are in
 * maintenance too: weight 0 alone keeps those who are bound to it by a cookie or a stick table. A reload of HAProxy
 * forgets all this, as any change through the Runtime API; reading back shows it.
 * https://docs.haproxy.org/2.6/management.html#9.3
 */
export const haproxy: ActionDriver<HaproxyInput> = {
  kind: "haproxy",
  description: "shifts traffic by the weights of servers of a HAProxy, through its Runtime API",
  connections: [haproxyConnection.type],
  traffic: true,
  input: haproxyInput,
  refuses: {
    sticky: {
      why: "the Runtime API cannot switch it on: `cookie` or `stick` of HAProxy's configuration keeps visitors on their server, and 0 % frees them",
      fix: "write `cookie SRV insert indirect nocache` into the backend, and remove this",
    },
  },
  style: () => "fields",
  preview: ({ input, share }) => [
    {
      does: describe(input, share ?? 0),
      undo: `set server ${input.backend}/… weight and state, as before`,
    },
  ],
  changes: changesOf,
  read: readHaproxy,
  write: writeHaproxy,
  settle,
  call: () => Promise.resolve(failed("haproxy is not called, it sets weights")),
  permissions: async (request, context) => {
    const changes = await changesOf({ ...request, share: request.share ?? 0 }, context);
    if (changes.kind !== "ok") return [changes.why];
    return haproxyProblems(request.input, placeOf(context.connection), context);
  },
};

function describe(input: HaproxyInput, share: number): string {
  const weights = splitWeights(share, counts(input), MOST);
  if (weights.kind !== "ok") return weights.why;
  const set = [
    ...input.canary.map((name) => `${name} weight ${weights.value.canary}`),
    ...input.stable.map((name) => `${name} weight ${weights.value.stable}`),
  ];
  const routes = (input.routes ?? []).map(({ map, key, to }) => `, map ${map} ${key} ${to}`);
  return `set server ${input.backend}/ ${set.join(", ")}${routes.join("")}`;
}

function counts({ canary, stable }: HaproxyInput): { canary: number; stable: number } {
  return { canary: canary.length, stable: stable.length };
}

async function changesOf(
  { input, share, connectionName }: Request<HaproxyInput>,
  context: DriverContext,
): Promise<Answer<readonly Change[]>> {
  if (share === null) return failed("haproxy needs a share: put it under `traffic`");
  const place = placeOf(context.connection);
  const servers = await readServers(place, input.backend, context);
  if (servers.kind !== "ok") return servers;
  const live = valueOf(servers.value);
  const missing = [...input.canary, ...input.stable].filter((name) => live[name] === undefined);
  if (missing.length > 0)
    return failed(
      `backend ${input.backend} has no server ${missing.join(", ")}: it has ${Object.keys(live).join(", ")}`,
    );
  const weights = splitWeights(share, counts(input), MOST);
  if (weights.kind !== "ok") return weights;
  const value: Record<string, BackendValue[string]> = {};
  for (const [name, server] of Object.entries(live)) {
    if (input.canary.includes(name))
      value[name] = { weight: weights.value.canary, state: share === 0 ? "maint" : "ready" };
    else if (input.stable.includes(name)) value[name] = { ...server, weight: weights.value.stable };
    else value[name] = server;
  }
  const field = fieldMaker(place, connectionName);
  return ok([
    {
      field: field({ ...place, kind: "backend", backend: input.backend }),
      value: { present: true, value },
    },
    ...(input.routes ?? []).map(({ map, key, to }): Change => ({
      field: field({ ...place, kind: "map", map, key }),
      value: share === 0 ? { present: false } : { present: true, value: to },
    })),
  ]);
}

function fieldMaker(place: HaproxyPlace, connection: string | null): (ref: HaproxyRef) => Field {
  const target = `haproxy/${placeText(place)}`;
  return (ref) => {
    const label = ref.kind === "backend" ? `backend ${ref.backend}` : `map ${ref.map} ${ref.key}`;
    return { key: `${target}#${label}`, target, driver: "haproxy", connection, ref, label };
  };
}

/** Waits until every server that is to get requests takes them: HAProxy's own health checks say so. */
async function settle(changes: readonly Change[], context: DriverContext): Promise<Answer<null>> {
  for (const { field, value } of changes) {
    const ref = refOf(field);
    if (ref.kind !== "backend") continue;
    const wanted = new Set(
      Object.entries(backendValue(value))
        .filter(([, { weight, state }]) => weight > 0 && state === "ready")
        .map(([name]) => name),
    );
    for (;;) {
      const servers = await readServers(ref, ref.backend, context);
      if (servers.kind !== "ok") return servers;
      const down = servers.value.filter(({ name, runs }) => wanted.has(name) && !runs);
      if (down.length === 0) break;
      if (context.signal.aborted)
        return unknown(`${down.map(({ name }) => name).join(", ")} is down for HAProxy`);
      await context.sleep(PAUSE);
    }
  }
  return ok(null);
}
