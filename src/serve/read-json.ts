import type { IncomingMessage } from "node:http";

import { refuse, type Refusal } from "./refusal.ts";

/** An order is a few words: more is a mistake, or an attack. In bytes. */
export const MAX_BODY = 8 * 1024;

/** Where even a client that was told is cut off. */
const MOST = 1024 * 1024;

/** The JSON body of a request, or why it is refused. Reads no more than it may hold. */
export async function readJson(
  request: IncomingMessage,
): Promise<{ readonly kind: "json"; readonly value: unknown } | Refusal> {
  const types = request.headersDistinct["content-type"] ?? [];
  if (types.length !== 1 || !/^application\/json(?:;\s*charset="?utf-8"?)?$/iu.test(types[0] ?? ""))
    return refuse(415, "not-json", "the body has to come with Content-Type: application/json");
  if (request.headers["content-encoding"] !== undefined)
    return refuse(415, "not-json", "the body is encoded: send it as it is");
  const body = await collect(request);
  if (body === "too large") return tooLarge();
  if (body === "cut") return refuse(400, "malformed", "the body ended before its end");
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(body);
    return { kind: "json", value: JSON.parse(text) as unknown };
  } catch {
    return refuse(400, "malformed", "the body is no JSON in UTF-8");
  }
}

/** Reads on past the limit: a client that is cut off while it sends sees a reset, not the answer. But not for ever. */
async function collect(request: IncomingMessage): Promise<Buffer | "too large" | "cut"> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size <= MAX_BODY) chunks.push(chunk);
      if (size > MOST) break;
    }
  } catch {
    return "cut";
  }
  return size > MAX_BODY ? "too large" : Buffer.concat(chunks);
}

function tooLarge(): Refusal {
  return refuse(413, "too-large", `the body is too large: send at most ${MAX_BODY} bytes`);
}
