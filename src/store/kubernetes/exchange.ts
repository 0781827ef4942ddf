import type { ClientRequest } from "node:http";
import type { Socket } from "node:net";

import { textOf } from "../unreachable.ts";
import type { KubeRoute } from "./kube-route.ts";

export interface KubeAnswer {
  readonly status: number;
  /** Parsed; null where it is no JSON. */
  readonly body: unknown;
  readonly text: string;
}

export interface Asked {
  readonly method: "GET" | "POST" | "PATCH";
  readonly path: string;
  readonly body?: unknown;
  readonly accept?: string;
  /** Of the body; without it a merge patch for PATCH, else JSON. */
  readonly type?: string;
  /** How long the answer may take, in milliseconds. */
  readonly patience: number;
}

/** More than this is no answer of ours. */
const MOST = 64 * 1024 * 1024;
/** How long a server may take until it is connected, in milliseconds, where there is another way to it. */
const CONNECT = 1500;
const UNSENT = "EUNSENT";

/** Whether an error of `exchange` says that not one byte of the question can have arrived. */
export function isUnsent(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === UNSENT;
}

/** One question and its answer. Rejects when no answer came. */
export function exchange(
  route: KubeRoute,
  { method, path, patience, body, accept = "application/json", ...sent }: Asked,
): Promise<KubeAnswer> {
  const payload = body === undefined ? null : Buffer.from(JSON.stringify(body), "utf8");
  const usual = method === "PATCH" ? "application/merge-patch+json" : "application/json";
  const type = sent.type ?? usual;
  return new Promise((resolve, reject) => {
    const headers = {
      ...(route.options.headers as Readonly<Record<string, string>>),
      accept,
      ...(payload === null ? {} : { "content-type": type, "content-length": payload.length }),
    };
    const options = { ...route.options, method, path: route.prefix + path, headers };
    const asked = route.request(options, (response) => {
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
    const mayHaveArrived = route.isDirect ? watchConnection(asked, patience) : () => true;
    asked.on("error", (error) => {
      clearTimeout(late);
      const told = new Error(textOf(error), { cause: error });
      reject(mayHaveArrived() ? told : Object.assign(told, { code: UNSENT }));
    });
    asked.end(payload);
  });
}

/**
 * Tells later whether anything of a question can have left: nothing does before the server has shown that it is the right one.
 * A connection of which that is not certain counts as one that took it.
 */
function watchConnection(asked: ClientRequest, patience: number): () => boolean {
  let isOpen = false;
  asked.once("socket", (socket: Socket & { readonly secureConnecting?: boolean }) => {
    isOpen = socket.secureConnecting !== true;
    if (isOpen) return;
    const slow = setTimeout(
      () => asked.destroy(new Error("no connection in time")),
      Math.min(CONNECT, patience),
    );
    socket.once("secureConnect", () => {
      clearTimeout(slow);
      isOpen = true;
    });
    asked.once("close", () => clearTimeout(slow));
  });
  return () => isOpen;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
