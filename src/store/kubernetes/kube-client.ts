import { directRoute } from "./direct-route.ts";
import { exchange, isUnsent, type Asked, type KubeAnswer } from "./exchange.ts";
import type { KubeRoute } from "./kube-route.ts";

export interface KubeClient {
  /** Asks the API server. Rejects when no answer came: then nobody knows what it did. */
  ask(method: Asked["method"], path: string, sent?: Sent): Promise<KubeAnswer>;
  /** Begins to connect, while the question is still being found. Never throws. */
  reach(): void;
  close(): void;
}

type Sent = Pick<Asked, "body" | "accept" | "type">;

/** One of each for the whole process: a proxy takes as long to start as a kubectl. */
const clients = new Map<string, KubeClient>();

/** The client of the cluster that these flags of kubectl name. */
export function kubeClientOf(flags: readonly string[]): KubeClient {
  const key = flags.join(" ");
  const client = clients.get(key) ?? createKubeClient(flags);
  clients.set(key, client);
  return client;
}

/** A write to a target waits for an answer. */
const PATIENCE = 5000;
const UNAUTHORIZED = 401;

/**
 * A client of the API server: by its own address where the kubeconfig is plain enough, and through one `kubectl proxy` where it
 * is not, and from the first failure on. The proxy is started when it is first needed and again after it failed. An answer
 * may take `patience` milliseconds.
 */
export function createKubeClient(flags: readonly string[], patience = PATIENCE): KubeClient {
  let route: Promise<KubeRoute> | null = null;
  let mayBeDirect = true;
  const drop = (failed: KubeRoute): void => {
    // What else is under way there may still be answered; what is idle closes by itself.
    if (!failed.isDirect) failed.stop();
    // Another question may have found the next way already.
    else if (!mayBeDirect) return;
    mayBeDirect = false;
    route = null;
  };
  const open = async (): Promise<KubeRoute> => {
    const direct = mayBeDirect ? await directRoute(flags) : null;
    return direct ?? (await import("./kube-proxy.ts")).startKubeProxy(flags);
  };
  async function live(): Promise<KubeRoute> {
    const starting = (route ??= open());
    try {
      const started = await starting;
      if (started.isAlive()) return started;
    } catch (error) {
      if (route === starting) route = null;
      throw error;
    }
    if (route === starting) route = open();
    return live();
  }
  const ask: KubeClient["ask"] = async (method, path, sent = {}) => {
    const way = await live();
    let answer: KubeAnswer | null = null;
    try {
      answer = await exchange(way, { ...sent, method, path, patience });
    } catch (error) {
      // A connection that hangs may hang for minutes; a new proxy has new ones.
      drop(way);
      if (!isUnsent(error)) throw error;
    }
    // Whoever is not known was not listened to: kubectl may have another token by now.
    if (answer !== null && !(way.isDirect && answer.status === UNAUTHORIZED)) return answer;
    drop(way);
    return ask(method, path, sent);
  };
  return {
    ask,
    reach: () => void ask("GET", "/version").catch(() => undefined),
    close() {
      route?.then(
        (way) => way.stop(),
        () => undefined,
      );
      route = null;
    },
  };
}
