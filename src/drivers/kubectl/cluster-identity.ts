import { failed, ok } from "../answer.ts";
import type { Answer, DriverContext } from "../driver.ts";
import { fetchObject } from "./fetch-object.ts";
import { listAt, textAt } from "./kube-object.ts";
import { isForbidden } from "./read-failure.ts";
import { parseObject, runKubectl } from "./run-kubectl.ts";

/**
 * Which cluster this is, whatever it is called here: the UID of `kube-system`. Who may not read that gets the address
 * of the server. Locks do not depend on it: they go by the UIDs of the objects.
 */
export async function clusterIdentity(context: DriverContext): Promise<Answer<string>> {
  const system = { type: "Namespace", name: "kube-system", namespace: null };
  const found = await fetchObject(system, context);
  if (found.kind === "ok") {
    const uid = found.value === null ? null : textAt(found.value, "metadata", "uid");
    return uid === null ? failed("the cluster has no namespace kube-system") : ok(uid);
  }
  if (!isForbidden(found.why)) return found;
  const config = await currentConfig(context);
  return config.kind === "ok" ? ok(config.value.server) : config;
}

/** The namespace in which kubectl looks without being told. */
export async function currentNamespace(context: DriverContext): Promise<Answer<string>> {
  const { namespace } = context.connection;
  if (typeof namespace === "string") return ok(namespace);
  const config = await currentConfig(context);
  return config.kind === "ok" ? ok(config.value.namespace) : config;
}

async function currentConfig(
  context: DriverContext,
): Promise<Answer<{ readonly server: string; readonly namespace: string }>> {
  const printed = await runKubectl(["config", "view", "--minify", "--output=json"], context);
  const parsed = printed.kind === "ok" ? parseObject(printed.value) : printed;
  if (parsed.kind !== "ok") return parsed;
  const server = textAt(listAt(parsed.value, "clusters")[0] ?? null, "cluster", "server") ?? "";
  const inContext = textAt(listAt(parsed.value, "contexts")[0] ?? null, "context", "namespace");
  return ok({ server: server.replace(/^https?:\/\//, ""), namespace: inContext ?? "default" });
}
