import type { Millis } from "../../core/units.ts";
import { failed, ok, unknown } from "../answer.ts";
import type { Answer, DriverContext, Failure } from "../driver.ts";
import type { HttpResult, TlsOptions } from "../http.ts";
import { patientWith } from "../rate-limit.ts";
import { fillJson, fillText, type Lookup } from "../template.ts";
import { joinAddress } from "./address.ts";
import type { HttpConnection } from "./http-connection.ts";
import { asHttpConnection } from "./rest-connection.ts";
import type { RestRequest } from "./rest-request.ts";

export type HttpAnswer = Extract<HttpResult, { kind: "answer" }>;

export interface SendOptions {
  /** Fills placeholders before the context's own `resolve` sees them. */
  readonly lookup?: Lookup;
  /** Statuses that mean success; absent: 200 to 299. */
  readonly expect?: readonly number[];
  readonly timeout?: Millis;
}

/**
 * Sends one request with the connection's credentials. 4xx is `failed`, since the server understood and said no; no
 * answer at all is `failed` only when nothing was sent; everything else that is not a success (5xx, 408, a redirect, an
 * unexpected 2xx) is `unknown`. A 429 was never acted on: it is sent again where the server says after how long, if short.
 */
export async function sendRequest(
  request: RestRequest,
  context: DriverContext,
  options: SendOptions = {},
): Promise<Answer<HttpAnswer>> {
  const asked = `${request.method} ${request.url}`;
  const limit = patientWith(context);
  for (;;) {
    const result = await exchange(request, context, options);
    if (result.kind === "failed") return result;
    if (result.kind === "noAnswer") return noAnswer(asked, result);
    const good = options.expect?.includes(result.status) ?? isSuccess(result.status);
    if (good) return ok(result);
    if (result.status !== 429 || (await limit(result.headers)) !== null)
      return refusal(asked, result);
  }
}

/** Sends and gives back any answer; `failed` when the request could not even be put together. */
export async function exchange(
  request: RestRequest,
  context: DriverContext,
  options: SendOptions = {},
): Promise<HttpResult | (Failure & { readonly kind: "failed" })> {
  const built = build(request, context, options.lookup ?? (() => undefined));
  if (typeof built === "string")
    return { kind: "failed", why: `${request.method} ${request.url}: ${built}` };
  return await context.http({
    ...built,
    signal: context.signal,
    ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
  });
}

interface Built {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly tls?: TlsOptions;
}

/** The request with everything filled in; a text says what is wrong with it. */
function build(request: RestRequest, context: DriverContext, lookup: Lookup): Built | string {
  const connection = connectionOf(context);
  const fill: Lookup = (name) => {
    const own = lookup(name);
    return own === undefined ? context.resolve(`\${${name}}`) : own;
  };
  const inAddress: Lookup = (name) => {
    const own = lookup(name);
    if (own === undefined) return context.resolve(`\${${name}}`);
    return encodeURIComponent(typeof own === "string" ? own : JSON.stringify(own));
  };
  try {
    const joined = joinAddress(connection?.url ?? null, fillText(request.url, inAddress));
    if (joined.kind === "wrong") return joined.why;
    const body = bodyOf(request, fill);
    return {
      method: request.method,
      url: joined.url,
      headers: {
        ...(request.json === undefined ? {} : { "content-type": "application/json" }),
        // Never to another host: a plan that names a full address must not carry this connection's token there.
        ...(connection !== null && joined.own ? signIn(connection) : {}),
        ...filled(request.header, fill),
        ...(request.bearer === null ? {} : bearer(fillText(request.bearer, fill))),
      },
      ...(body === null ? {} : { body }),
      ...(joined.own && connection?.tls !== undefined ? { tls: connection.tls } : {}),
    };
  } catch (error) {
    // `resolve` says no to a reference without a value, as an unset environment variable.
    return error instanceof Error ? error.message : String(error);
  }
}

function bodyOf(request: RestRequest, fill: Lookup): string | null {
  if (request.json !== undefined) return JSON.stringify(fillJson(request.json, fill));
  return request.body === undefined ? null : fillText(request.body, fill);
}

/** The connection of this call, or null where there is none; its config was validated when the plan was loaded. */
export function connectionOf(context: DriverContext): HttpConnection | null {
  return asHttpConnection(context.connection);
}

function signIn(connection: HttpConnection): Record<string, string> {
  const { user, password } = connection.basic ?? {};
  return {
    ...filled(connection.header ?? {}, () => undefined),
    ...(user === undefined
      ? {}
      : { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` }),
    ...(connection.bearer === undefined ? {} : bearer(connection.bearer)),
  };
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

// Lower-case names, so that a request's own header replaces the connection's instead of standing beside it.
function filled(header: Readonly<Record<string, string>>, fill: Lookup): Record<string, string> {
  return Object.fromEntries(
    Object.entries(header).map(([name, value]) => [name.toLowerCase(), fillText(value, fill)]),
  );
}

function isSuccess(status: number): boolean {
  return status >= 200 && status <= 299;
}

function noAnswer(asked: string, result: { why: string; sent: boolean }): Failure {
  return result.sent ? unknown(`${asked}: ${result.why}`) : failed(`${asked}: ${result.why}`);
}

/** What change-controlled flag services say: LaunchDarkly 405, Unleash and GrowthBook 403 with words like these. */
const APPROVAL = /approv|change[ _-]?request/i;

function refusal(asked: string, { status, headers, body }: HttpAnswer): Failure {
  const location = headers["location"];
  const to = location === undefined ? "" : ` to ${location}`;
  const wait = headers["retry-after"];
  const again = wait === undefined ? "" : ` (retry after ${wait}${/^\d+$/.test(wait) ? " s" : ""})`;
  const words = body.trim().replaceAll(/\s+/g, " ").slice(0, 200);
  const why = `${asked} answered ${status}${to}${again}${words === "" ? "" : `: ${words}`}`;
  if ((status === 403 || status === 405) && APPROVAL.test(body)) return { kind: "approval", why };
  return status >= 400 && status <= 499 && status !== 408 ? failed(why) : unknown(why);
}
