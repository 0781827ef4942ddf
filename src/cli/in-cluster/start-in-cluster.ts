import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { examine } from "../../engine/examine.ts";
import type { Engine, PlanSource } from "../../engine/ports.ts";
import { createRolloutId } from "../../evidence/rollout-id.ts";
import type { StoreAddress } from "../../store/store-address.ts";
import { composeEngine } from "../compose.ts";
import { routeRollout } from "../stores/routes.ts";
import { sharedStoreAt } from "../stores/shared-stores.ts";
import { UsageError } from "../usage-error.ts";
import { jobObjects } from "./job-objects.ts";
import { recordRights, type Right } from "./recorded-rights.ts";
import { parseApiResources, rulesOf, type Rule } from "./role-rules.ts";
import { runKubectl } from "./run-kubectl.ts";

export interface InCluster {
  /** The address of the store: a Kubernetes one, in the namespace of the Job. */
  readonly store: string;
  readonly address: Extract<StoreAddress, { kind: "kubernetes" }>;
  readonly evidence: string;
  readonly by: string;
  readonly acceptLive: boolean;
  readonly image: string;
  /** What runs canary in the image. */
  readonly command: readonly string[];
  readonly secrets: string | null;
}

/** How long the questions about rights may take, in milliseconds. */
const PATIENCE = 120_000;

/**
 * Starts a rollout as a Job in the cluster of its store: lays down what the Pod reads, an account with just the rights that
 * the plan and its way back need, and the Job. Gives the id; `begin` is called with it before there is a Job.
 */
export async function startInCluster(
  source: PlanSource,
  request: InCluster,
  begin: (engine: Engine, rollout: string) => Promise<void>,
): Promise<string> {
  requireSecrets(source.text, request.secrets);
  const { store, address, evidence, by } = request;
  const { context, namespace } = address;
  const rollout = createRolloutId(Date.now());
  const rights = await rightsOf(source, request);
  const rules = await rulesByNamespace(rights, context);
  const shared = await sharedStoreAt(store);
  const plan = { digest: source.digest, plan: source.plan };
  await shared.keep(rollout, "plan.yaml", source.text);
  await shared.keep(rollout, "plan.json", `${JSON.stringify(plan, null, 2)}\n`);
  routeRollout({ evidence, id: rollout }, store);
  const engine = await composeEngine({ evidence, store, by, observe: () => undefined });
  await begin(engine, rollout);
  const args = [
    ...["--by", by],
    ...(request.acceptLive ? ["--accept-live"] : []),
    ...(request.secrets === null ? [] : ["--secrets", request.secrets]),
  ];
  const { image, command, secrets } = request;
  const name = source.plan.name;
  const items = jobObjects({
    rollout,
    namespace,
    plan: name,
    image,
    command,
    args,
    secrets,
    rules,
  });
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items });
  await runKubectl(context, ["create", "--filename=-"], list);
  return rollout;
}

/** A Pod has no environment of a person: what the plan refers to has to be in a Secret. */
function requireSecrets(text: string, secrets: string | null): void {
  const names = [...text.matchAll(/\$\{env:([^}]+)\}/gu)].map(([, name]) => name);
  if (/\$\{file:[^}]+\}/u.test(text))
    throw new UsageError(
      "the plan reads a secret from a file, and a Pod has none of this machine's files",
      "write ${env:NAME} in the plan, and put NAME into a Secret: --secrets SECRET",
    );
  if (names.length > 0 && secrets === null)
    throw new UsageError(
      `the plan needs ${[...new Set(names)].join(", ")} from the environment, and a Pod has none of it`,
      "put them into a Secret in the namespace of the store, and name it: --secrets SECRET",
    );
}

async function rightsOf(source: PlanSource, { by }: InCluster): Promise<readonly Right[]> {
  const folder = await mkdtemp(join(tmpdir(), "canary-rights-"));
  try {
    const engine = await composeEngine({ evidence: folder, by, observe: () => undefined });
    const recorded = recordRights(engine.exec);
    await examine({ ...engine, exec: recorded.exec }, source, AbortSignal.timeout(PATIENCE));
    return recorded.rights;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function rulesByNamespace(
  rights: readonly Right[],
  context: string | null,
): Promise<ReadonlyMap<string, readonly Rule[]>> {
  if (rights.length === 0) return new Map();
  const [resources, current] = await Promise.all([
    runKubectl(context, ["api-resources", "--no-headers"]),
    runKubectl(context, ["config", "view", "--minify", "--output=jsonpath={..namespace}"]),
  ]);
  const fallback = current.trim() === "" ? "default" : current.trim();
  const known = parseApiResources(resources);
  const byNamespace = Map.groupBy(rights, ({ namespace }) => namespace ?? fallback);
  return new Map([...byNamespace].map(([where, own]) => [where, rulesOf(own, known)]));
}
