import { request } from "node:http";

import { textOf } from "../unreachable.ts";
import { startKubeProxy, type KubeProxy } from "./kube-proxy.ts";

export interface KubeAnswer {
  readonly status: number;
  /** Parsed; null where it is no JSON. */
  readonly body: unknown;
  readonly text: string;
}

export interface KubeClient {
  /** Asks the API server. Rejects when no answer came: then nobody knows what it did. */
  ask(method: "GET" | "POST" | "PATCH", path: string, sent?: Sent): Promise<KubeAnswer>;
  /** Starts what it asks through, while the question is still being found. Never throws. */
  reach(): void;
  close(): void;
}

interface Asked extends Sent {
  readonly method: string;
  readonly path: string;
  readonly patience: number;
}

interface Sent {
  readonly body?: unknown;
  readonly accept?: string;
  /** Of the body; without it a merge patch for PATCH, else JSON. */
  readonly type?: string;
}

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
/** More than this is no answer of ours. */
const MOST = 64 * 1024 * 1024;

/**
 * A client of the API server through one `kubectl proxy`, started when it is first needed and again after it failed. An
 * answer may take `patience` milliseconds.
 */
export function createKubeClient(flags: readonly string[], patience = PATIENCE): KubeClient {
  let proxy: Promise<KubeProxy> | null = null;
  const drop = (failed: KubeProxy): void => {
    failed.stop();
    proxy = null;
  };
  async function live(): Promise<KubeProxy> {
    const starting = (proxy ??= startKubeProxy(flags));
    try {
      const started = await starting;
      if (started.isAlive()) return started;
    } catch (error) {
      if (proxy === starting) proxy = null;
      throw error;
    }
    if (proxy === starting) proxy = startKubeProxy(flags);
    return live();
  }
  return {
    async ask(method, path, sent = {}) {
      const through = await live();
      try {
        return await exchange(through, { ...sent, method, path, patience });
      } catch (error) {
        // A connection that hangs may hang for minutes; a new proxy has new ones.
        drop(through);
        throw error;
      }
    },
    reach: () => void live().catch(() => undefined),
    close() {
      proxy?.then(drop, () => undefined);
      proxy = null;
    },
  };
}

function exchange(
  { socket, agent }: KubeProxy,
  { method, path, patience, body, accept = "application/json", ...sent }: Asked,
): Promise<KubeAnswer> {
  const payload = body === undefined ? null : Buffer.from(JSON.stringify(body), "utf8");
  const usual = method === "PATCH" ? "application/merge-patch+json" : "application/json";
  const type = sent.type ?? usual;
  return new Promise((resolve, reject) => {
    const headers = {
      host: "localhost",
      accept,
      ...(payload === null ? {} : { "content-type": type, "content-length": payload.length }),
    };
    const asked = request({ socketPath: socket, agent, method, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size > MOST) asked.destroy(new Error(`the answer is longer than ${MOST} bytes`));
        chunks.push(chunk);
      });
      response.on("error", reject);
      response.on("end", () => {
        clearTimeout(late);
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({ status: response.statusCode ?? 0, body: parse(text), text });
      });
    });
    const late = setTimeout(() => {
      asked.destroy(new Error(`no answer within ${patience / 1000} s`));
    }, patience);
    asked.on("error", (error) => {
      clearTimeout(late);
      reject(new Error(textOf(error), { cause: error }));
    });
    asked.end(payload);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
