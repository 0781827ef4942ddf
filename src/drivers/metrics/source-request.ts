import { z } from "zod";

import type { DriverContext } from "../driver.ts";
import type { Pace } from "./pace.ts";
import { wordsOf } from "./sample-of.ts";

/** How to sign in to a metric source over HTTP. Secrets are references (`${env:TOKEN}`), resolved before use. */
export const signInShape = {
  bearer: z.string().min(1).optional().describe("a bearer token, as a reference like ${env:TOKEN}"),
  basic: z
    .strictObject({ user: z.string(), password: z.string() })
    .optional()
    .describe("user and password; the password as a reference like ${env:PASSWORD}"),
  header: z.record(z.string(), z.string()).optional().describe("headers of every request"),
};

export interface SignIn {
  readonly bearer?: string | undefined;
  readonly basic?: { readonly user: string; readonly password: string } | undefined;
  readonly header?: Readonly<Record<string, string>> | undefined;
  /** Kept by the source from question to question. */
  readonly pace?: Pace;
}

/** The answer of a source with status 200, or why there is none, in words without address parts that may be secret. */
export type SourceAnswer =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly type: string;
      readonly body: string;
    }
  | { readonly kind: "noAnswer"; readonly why: string };

export interface SourceRequest {
  readonly url: string;
  readonly method: "GET" | "POST";
  readonly accept: string;
  /** A form, sent as `application/x-www-form-urlencoded`. */
  readonly form?: Readonly<Record<string, string>>;
}

/** Asks a source once. Any HTTP status is an answer; a redirect is not followed, because it would carry credentials away. */
export async function askSource(
  request: SourceRequest,
  signIn: SignIn,
  context: DriverContext,
): Promise<SourceAnswer> {
  const url = URL.parse(request.url);
  if (url === null || !/^https?:$/.test(url.protocol))
    return { kind: "noAnswer", why: "the connection's url is not an http or https address" };
  if (url.username !== "" || url.password !== "")
    return {
      kind: "noAnswer",
      why: "user and password stand in the connection's url: move them to its `basic`",
    };
  const waiting = signIn.pace?.waiting(context.now()) ?? null;
  if (waiting !== null) return { kind: "noAnswer", why: `${url.host}: ${waiting}` };
  const form = request.form === undefined ? undefined : new URLSearchParams(request.form);
  try {
    const answer = await context.http({
      url: url.href,
      method: request.method,
      headers: {
        accept: request.accept,
        ...(form === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" }),
        ...signInHeaders(signIn),
      },
      ...(form === undefined ? {} : { body: form.toString() }),
      signal: context.signal,
    });
    if (answer.kind === "noAnswer") return { kind: "noAnswer", why: `${url.host}: ${answer.why}` };
    signIn.pace?.heard(answer.status, answer.headers["retry-after"], context.now());
    return {
      kind: "answer",
      status: answer.status,
      type: answer.headers["content-type"] ?? "",
      body: withoutSecrets(answer.body, signIn),
    };
  } catch (error) {
    return { kind: "noAnswer", why: `${url.host}: ${wordsOf(error)}` };
  }
}

/** What a status other than 200 means, for a person. */
export function describeStatus(status: number, body: string): string {
  if (status === 401) return "answered 401: the credentials are missing or wrong";
  if (status === 403) return "answered 403: the credentials may not read this";
  if (status >= 300 && status < 400) return `answered ${status}: redirects are not followed`;
  const words = firstWords(body);
  return `answered ${status}${words === "" ? "" : `: ${words}`}`;
}

/** The beginning of a body as one line, for a message. */
export function firstWords(body: string): string {
  return body.slice(0, 400).replaceAll(/\s+/g, " ").trim().slice(0, 120);
}

/** A shorter secret is not searched for: its characters stand in every answer. */
const SHORTEST_SECRET = 6;

/**
 * Some servers repeat the credentials that they refuse. Messages quote only the beginning of an answer, and a secret that
 * is cut in two is not recognized any more later.
 */
function withoutSecrets(body: string, signIn: SignIn): string {
  const secrets = Object.values(signInHeaders(signIn)).flatMap((value) => [
    value,
    value.replace(/^(?:Bearer|Basic|Token) /u, ""),
  ]);
  if (signIn.basic !== undefined) secrets.push(signIn.basic.password);
  return secrets
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    .reduce((text, secret) => text.replaceAll(secret, "[redacted]"), body);
}

function signInHeaders(signIn: SignIn): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(signIn.header ?? {}))
    headers[name.toLowerCase()] = value;
  if (signIn.basic !== undefined) {
    const pair = `${signIn.basic.user}:${signIn.basic.password}`;
    headers["authorization"] = `Basic ${Buffer.from(pair, "utf8").toString("base64")}`;
  }
  if (signIn.bearer !== undefined) headers["authorization"] = `Bearer ${signIn.bearer}`;
  return headers;
}
