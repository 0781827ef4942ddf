import { refused, textOf, unreachable } from "../unreachable.ts";
import type { KubeAnswer } from "./exchange.ts";
import type { KubeClient } from "./kube-client.ts";

export interface ConfigMap {
  readonly metadata: {
    readonly name: string;
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly data?: Readonly<Record<string, string>>;
}

/** What is laid into a ConfigMap; null takes a key out. */
export type Change = Readonly<Record<string, string | null>>;

/** The ConfigMaps of one namespace. Every call throws when the API server gives no answer or refuses. */
export interface ConfigMaps {
  /** Null when there is none. A consistent read: the API server asks its own store. */
  get(name: string): Promise<ConfigMap | null>;
  /** Null when the name is taken. */
  create(
    name: string,
    labels: Readonly<Record<string, string>>,
    data: Readonly<Record<string, string>>,
  ): Promise<ConfigMap | null>;
  /** Changes keys; with a version only when it is still that one. */
  merge(
    name: string,
    data: Change,
    resourceVersion?: string,
  ): Promise<ConfigMap | "conflict" | "gone">;
  /** Why ConfigMaps can not be made and changed here; null when they can. Makes none. */
  problem(): Promise<string | null>;
  /** Names of those that have a label. */
  names(selector: string): Promise<readonly string[]>;
}

const METADATA_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
const PAGE = 500;

/** `where` is for messages. */
export function createConfigMaps(client: KubeClient, namespace: string, where: string): ConfigMaps {
  const base = `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps`;
  const at = (name: string): string => `${base}/${encodeURIComponent(name)}`;
  async function ask(...call: Parameters<KubeClient["ask"]>): Promise<KubeAnswer> {
    const [method] = call;
    let answer: KubeAnswer;
    try {
      answer = await client.ask(...call);
    } catch (error) {
      throw unreachable(where, textOf(error), error);
    }
    const { status } = answer;
    if (status === 429 || status >= 500 || status === 0)
      throw unreachable(where, messageOf(answer));
    if (status === 401 || status === 403 || (status === 404 && method === "POST"))
      throw refused(where, `${messageOf(answer)}: see docs/stores.md for the Role it needs`);
    return answer;
  }
  return {
    async get(name) {
      const answer = await ask("GET", at(name));
      return answer.status === 404 ? null : objectOf(answer, where);
    },
    async create(name, labels, data) {
      const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name, labels }, data };
      const answer = await ask("POST", base, { body });
      return answer.status === 409 ? null : objectOf(answer, where);
    },
    async merge(name, data, resourceVersion) {
      const metadata = resourceVersion === undefined ? {} : { metadata: { resourceVersion } };
      const answer = await ask("PATCH", at(name), { body: { ...metadata, data } });
      if (answer.status === 404) return "gone";
      return answer.status === 409 ? "conflict" : objectOf(answer, where);
    },
    problem: () => findProblem(ask, base, namespace),
    async names(selector) {
      const found: string[] = [];
      let next = "";
      do {
        const query = new URLSearchParams({ labelSelector: selector, limit: String(PAGE) });
        if (next !== "") query.set("continue", next);
        const answer = await ask("GET", `${base}?${query.toString()}`, { accept: METADATA_ONLY });
        const page = listOf(answer, where);
        found.push(...page.items.map(({ metadata }) => metadata.name));
        next = page.metadata?.continue ?? "";
      } while (next !== "");
      return found;
    },
  };
}

/** The verbs that a rollout needs, beside `create`, which is tried. */
const VERBS = ["get", "list", "patch"];

async function findProblem(
  ask: KubeClient["ask"],
  base: string,
  namespace: string,
): Promise<string | null> {
  const metadata = { name: "canary-trial" };
  const body = { apiVersion: "v1", kind: "ConfigMap", metadata, data: {} };
  try {
    const made = await ask("POST", `${base}?dryRun=All`, { body });
    if (made.status > 299 && made.status !== 409) return messageOf(made);
    const allowed = await Promise.all(VERBS.map((verb) => isAllowed(ask, verb, namespace)));
    const denied = VERBS.filter((_, index) => allowed[index] === false);
    if (denied.length === 0) return null;
    return `you may not ${denied.join(" and ")} configmaps in namespace ${namespace}: see docs/stores.md for the Role it needs`;
  } catch (error) {
    return textOf(error);
  }
}

async function isAllowed(
  ask: KubeClient["ask"],
  verb: string,
  namespace: string,
): Promise<boolean> {
  const kind = "SelfSubjectAccessReview";
  const resourceAttributes = { namespace, verb, resource: "configmaps" };
  const body = { apiVersion: "authorization.k8s.io/v1", kind, spec: { resourceAttributes } };
  const answer = await ask("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
    body,
  });
  const { status } = (answer.body ?? {}) as { status?: { allowed?: unknown } };
  return status?.allowed === true;
}

function objectOf(answer: KubeAnswer, where: string): ConfigMap {
  const object = answer.body as Partial<ConfigMap> | null;
  if (answer.status > 299 || typeof object?.metadata?.resourceVersion !== "string")
    throw refused(where, messageOf(answer));
  return object as ConfigMap;
}

interface Listed {
  readonly metadata?: { readonly continue?: string };
  readonly items: readonly { readonly metadata: { readonly name: string } }[];
}

function listOf(answer: KubeAnswer, where: string): Listed {
  const list = answer.body as Partial<Listed> | null;
  // An empty list may come as null.
  const items = list?.items ?? [];
  if (answer.status > 299 || list === null || !Array.isArray(items))
    throw refused(where, messageOf(answer));
  return { ...list, items };
}

function messageOf({ status, body, text }: KubeAnswer): string {
  const message = (body as { message?: unknown } | null)?.message;
  return typeof message === "string" ? message : `HTTP ${status} ${text.trim().slice(0, 200)}`;
}
