import type { TlsOptions } from "./http.ts";

/** A request with everything filled in, as a client sends it: once, without redirects. */
export interface WireRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly tls: TlsOptions;
  readonly signal: AbortSignal;
  /** How the bytes of the answer become its body. */
  readonly encoding: "utf8" | "base64";
}

export type WireResult =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    }
  /** `sent`: whether the request may have reached the server. */
  | { readonly kind: "broken"; readonly error: unknown; readonly sent: boolean };

const MAX_BODY = 8 * 1024 * 1024;

/** @throws when the body is cut, or larger than 8 MiB. */
export async function readCapped(
  body: AsyncIterable<Uint8Array>,
  encoding: WireRequest["encoding"],
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_BODY) throw new Error(`the answer is larger than ${MAX_BODY} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString(encoding);
}
