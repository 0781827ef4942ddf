import type { Plan } from "../core/plan.ts";
import type { ExecResult } from "../drivers/exec.ts";
import { connectionFlags } from "../drivers/kubectl/run-kubectl.ts";
import type { Engine } from "../engine/ports.ts";
import type { KubeAnswer } from "../store/kubernetes/exchange.ts";
import { kubeClientOf, type KubeClient } from "../store/kubernetes/kube-client.ts";
import { parseKubectl, type AskedObject } from "./parse-kubectl.ts";

/** What is asked of one API server without a process for each question. */
interface Server {
  readonly client: KubeClient;
  /** By `group/version Kind`: where its objects are. */
  readonly paths: Map<string, Promise<Resource | null>>;
  /** It did not answer once: from then on kubectl is asked, which says why. */
  failed: boolean;
}

export interface ThroughProxy {
  readonly exec: Engine["exec"];
  /** Reaches for the clusters of a plan, as `plan.json` has it, while what is to be undone is still being read. */
  readonly prepare: (stored: string) => void;
}

interface Resource {
  readonly name: string;
  readonly namespaced: boolean;
}

/**
 * Processes in which the reads and patches of single objects go to the API server itself, or through one `kubectl proxy` for
 * each cluster where only kubectl knows how to sign in: a kubectl takes longer to start than the whole question. It does only what is certain to be as kubectl would do it, and knows of no
 * failure: whatever is not a plain success is given to kubectl itself, whose words the drivers read. A patch that was sent
 * and sent again stays one: it tests what it replaces.
 */
export function kubectlThroughProxy(exec: Engine["exec"]): ThroughProxy {
  const servers = new Map<string, Server>();
  const prepared = new Set<string>();
  const serverOf = (flags: readonly string[]): Server => {
    const key = flags.join(" ");
    const known = servers.get(key) ?? {
      client: kubeClientOf(flags),
      paths: new Map(),
      failed: false,
    };
    servers.set(key, known);
    return known;
  };
  return {
    exec: (identity) => {
      const run = exec(identity);
      return async (argv, options) => {
        const asked = options.input === undefined ? parseKubectl(argv) : null;
        if (asked === null || options.signal.aborted) return run(argv, options);
        const server = serverOf(asked.flags);
        if (server.failed) return run(argv, options);
        const answer = await Promise.race([answered(server, asked), cut(options.signal)]);
        return answer ?? run(argv, options);
      };
    },
    prepare(stored) {
      // Both the takeover and what it is checked against read the plan.
      if (prepared.has(stored)) return;
      prepared.add(stored);
      for (const flags of clustersOf(stored)) serverOf(flags).client.reach();
    },
  };
}

/** The clusters of a plan, as `plan.json` has it. */
function clustersOf(stored: string): readonly (readonly string[])[] {
  let plan: Partial<Plan> | undefined;
  try {
    ({ plan } = JSON.parse(stored) as { readonly plan?: Partial<Plan> });
  } catch {
    // What a damaged plan means is for those to say who need it.
  }
  return Object.values(plan?.connections ?? {})
    .filter(({ type }) => type === "kubectl")
    .map(({ config }) =>
      connectionFlags({ connection: config }).filter((flag) => !flag.startsWith("--namespace=")),
    )
    .filter((flags) => !flags.some((flag) => flag.includes("${")));
}

/** Null where kubectl has to be asked after all. */
async function answered(server: Server, asked: AskedObject): Promise<ExecResult | null> {
  try {
    const resource = await resourceOf(server, asked);
    if (resource === null || (resource.namespaced && asked.namespace === null)) return null;
    const path = pathOf(asked, resource);
    const answer =
      asked.patch === null
        ? await server.client.ask("GET", path)
        : await server.client.ask("PATCH", path, {
            body: asked.patch,
            type: "application/json-patch+json",
          });
    return resultOf(answer, asked, resource);
  } catch {
    server.failed = true;
    return null;
  }
}

function resultOf(
  { status, text, body }: KubeAnswer,
  { patch, name }: AskedObject,
  resource: Resource,
): ExecResult | null {
  if (status === 200) return printed(patch === null ? text : `${resource.name}/${name}\n`);
  // Asked with --ignore-not-found.
  if (status === 404 && patch === null && isNotFound(body)) return printed("");
  return null;
}

function isNotFound(body: unknown): boolean {
  return (body as { readonly reason?: unknown } | null)?.reason === "NotFound";
}

function printed(stdout: string): ExecResult {
  return { exitCode: 0, stdout, stderr: "", why: null, started: true };
}

function resourceOf(server: Server, { groupVersion, kind }: AskedObject): Promise<Resource | null> {
  const key = `${groupVersion} ${kind}`;
  const known = server.paths.get(key) ?? STABLE[key] ?? discover(server.client, groupVersion, kind);
  server.paths.set(key, known);
  return known;
}

/** What no server serves differently; of everything else it is asked, which is a way there and back. */
const STABLE: Readonly<Record<string, Promise<Resource>>> = Object.fromEntries(
  [
    ["v1 ConfigMap", "configmaps"],
    ["v1 Service", "services"],
    ["apps/v1 Deployment", "deployments"],
    ["apps/v1 StatefulSet", "statefulsets"],
    ["networking.k8s.io/v1 Ingress", "ingresses"],
  ].map(([key, name = ""]) => [key, Promise.resolve({ name, namespaced: true })]),
);

interface ResourceList {
  readonly resources?: readonly (Resource & { readonly kind: string })[];
}

async function discover(
  client: KubeClient,
  groupVersion: string,
  kind: string,
): Promise<Resource | null> {
  const { body } = await client.ask("GET", rootOf(groupVersion));
  const { resources = [] } = (body ?? {}) as ResourceList;
  // `deployments/scale` is a kind of its own that only looks like one.
  return resources.find((each) => each.kind === kind && !each.name.includes("/")) ?? null;
}

function rootOf(groupVersion: string): string {
  return groupVersion.includes("/") ? `/apis/${groupVersion}` : `/api/${groupVersion}`;
}

function pathOf({ groupVersion, namespace, name }: AskedObject, resource: Resource): string {
  const where = resource.namespaced ? `/namespaces/${encodeURIComponent(namespace ?? "")}` : "";
  return `${rootOf(groupVersion)}${where}/${resource.name}/${encodeURIComponent(name)}`;
}

/** What was sent may still happen. */
function cut(signal: AbortSignal): Promise<ExecResult> {
  return new Promise((resolve) => {
    const result = { exitCode: null, stdout: "", stderr: "", why: "interrupted", started: true };
    signal.addEventListener("abort", () => resolve(result), { once: true });
  });
}
