import type { Json, Millis } from "../../core/units.ts";
import { failed, ok, unknown } from "../answer.ts";
import type { Answer, DriverContext, Failure } from "../driver.ts";
import type { HttpResult, TlsOptions } from "../http.ts";
import { patientWith } from "../rate-limit.ts";
import { joinAddress } from "../rest/address.ts";

// No zod in here, nor in what reads and writes flags: an abort must not wait for schemas.

/** Where a flag service is and how to sign in there. */
export interface FlagApi {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls?: TlsOptions | undefined;
}

export interface FlagRequest {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: Json;
  readonly headers?: Readonly<Record<string, string>>;
  /** Absent: `context.signal` alone decides. */
  readonly timeout?: Millis;
  /** What this service means by an answer that is no success; null leaves it to the status. */
  readonly explain?: (status: number, words: string) => Failure | null;
}

export interface FlagReply {
  readonly status: number;
  readonly body: string;
}

/** How change-controlled flag services say so: LaunchDarkly 405, Unleash 403 for want of SKIP_CHANGE_REQUEST. */
const APPROVAL = /approv|change[ _-]?request/i;

/**
 * Sends one request to a flag service. A 429 was never acted on: it is sent again after the time that the service
 * names, as long as that is short; everything else is sent once. 4xx is `failed`, or `approval` where a person must
 * agree there; 5xx and a missing answer are `unknown`.
 */
export async function askFlagApi(
  api: FlagApi,
  request: FlagRequest,
  context: DriverContext,
): Promise<Answer<FlagReply>> {
  const asked = `${request.method} ${request.path}`;
  const joined = joinAddress(api.url, request.path);
  if (joined.kind === "wrong") return failed(`${asked}: ${joined.why}`);
  const limit = patientWith(context);
  for (;;) {
    const result = await send(api, request, joined.url, context);
    if (result.kind === "noAnswer")
      return result.sent ? unknown(`${asked}: ${result.why}`) : failed(`${asked}: ${result.why}`);
    if (result.status >= 200 && result.status <= 299) return ok(result);
    if (result.status !== 429) return refusal(asked, request, result);
    const waited = await limit(result.headers);
    if (waited !== null) return failed(`${asked}: ${waited}`);
  }
}

/** The answer's JSON; a login page or half a body under a 200 says nothing about a flag. */
export function jsonOf(asked: string, { body }: FlagReply): Answer<Json> {
  try {
    return ok(JSON.parse(body) as Json);
  } catch {
    return unknown(`${asked} did not answer JSON: ${oneLine(body).slice(0, 80)}`);
  }
}

function send(
  api: FlagApi,
  request: FlagRequest,
  url: string,
  context: DriverContext,
): Promise<HttpResult> {
  return context.http({
    method: request.method,
    url,
    headers: {
      ...(request.body === undefined ? {} : { "content-type": "application/json" }),
      ...api.headers,
      ...request.headers,
    },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    ...(request.timeout === undefined ? {} : { timeout: request.timeout }),
    ...(api.tls === undefined ? {} : { tls: api.tls }),
    signal: context.signal,
  });
}

function refusal(
  asked: string,
  request: FlagRequest,
  { status, headers, body }: Extract<HttpResult, { kind: "answer" }>,
): Failure {
  const words = wordsOf(body);
  const own = request.explain?.(status, words) ?? null;
  if (own !== null) return own;
  const location = headers["location"];
  const to = location === undefined ? "" : ` to ${location}`;
  const why = `${asked} answered ${status}${to}${words === "" ? "" : `: ${words}`}`;
  if ((status === 403 || status === 405) && APPROVAL.test(body)) return { kind: "approval", why };
  return status >= 400 && status <= 499 && status !== 408 ? failed(why) : unknown(why);
}

/** The `message` of an error in JSON, else the beginning of whatever it is. */
function wordsOf(body: string): string {
  try {
    const json: unknown = JSON.parse(body);
    if (typeof json === "object" && json !== null && "message" in json)
      return oneLine(String(json.message)).slice(0, 300);
  } catch {
    // No JSON: an error page.
  }
  return oneLine(body).slice(0, 200);
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s+/g, " ");
}
