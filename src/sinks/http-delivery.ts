import type { Json, Millis, WallTime } from "../core/units.ts";
import type { HttpPort, HttpResult } from "../drivers/http.ts";
import type { Delivery } from "./sink.ts";

/** An answer that says yes, read as JSON where it is JSON. */
export interface Accepted {
  readonly kind: "accepted";
  readonly status: number;
  readonly body: string;
  readonly json: Json;
}

/** What an HTTP API said to a message: taken, not now, or never. */
export type Answered = Accepted | Exclude<Delivery, { kind: "delivered" }>;

export type HttpAnswer = Extract<HttpResult, { kind: "answer" }>;

export interface Call {
  readonly http: HttpPort;
  readonly signal: AbortSignal;
  readonly method: "POST" | "PATCH" | "PUT" | "GET";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: Json;
  /** How an API says "too much" in a way of its own; null for other answers. Gives the wait, null where it is not said. */
  readonly isBusy?: (answer: HttpAnswer) => { readonly after: Millis | null } | null;
  readonly now: () => WallTime;
}

/** How much of an answer is worth telling, in characters. */
const SHOWN = 200;

/** Sends one request with a JSON body. Overloads, rate limits and silence are worth another try; other refusals are not. */
export async function callJson(call: Call): Promise<Answered> {
  const { http, signal, method, url, headers = {}, json } = call;
  const body = json === undefined ? {} : { body: JSON.stringify(json) };
  const type = json === undefined ? {} : { "content-type": "application/json; charset=utf-8" };
  const result = await http({ url, method, headers: { ...type, ...headers }, signal, ...body });
  if (result.kind === "answer") {
    const busy = call.isBusy?.(result) ?? null;
    if (busy !== null) return { kind: "again", why: whyOf(result), after: busy.after };
  }
  return judge(result, call.now());
}

function whyOf({ status, body }: HttpAnswer): string {
  return `status ${status}${shown(body)}`;
}

/** Judges an answer by its status alone. */
export function judge(result: HttpResult, now: WallTime): Answered {
  if (result.kind === "noAnswer") return { kind: "again", why: result.why, after: null };
  const { status, body, headers } = result;
  if (status >= 200 && status < 300) return { kind: "accepted", status, body, json: parse(body) };
  const why = whyOf(result);
  const after = retryAfter(headers["retry-after"], now);
  if (status === 429 || status === 408 || status >= 500) return { kind: "again", why, after };
  return { kind: "refused", why };
}

function shown(body: string): string {
  const text = body.replaceAll(/\s+/gu, " ").trim();
  if (text === "" || text.startsWith("<")) return "";
  return `: ${text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text}`;
}

function parse(body: string): Json {
  try {
    return JSON.parse(body) as Json;
  } catch {
    return null;
  }
}

/** `Retry-After` in milliseconds: seconds, or the date until which to wait. */
export function retryAfter(header: string | undefined, now: WallTime): Millis | null {
  if (header === undefined) return null;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const until = Date.parse(header);
  return Number.isNaN(until) ? null : Math.max(0, until - now);
}

/** A text of a JSON answer; null where there is none. */
export function textAt(json: Json, ...path: readonly string[]): string | null {
  let at: Json | undefined = json;
  for (const key of path) {
    if (typeof at !== "object" || at === null || Array.isArray(at)) return null;
    at = (at as Readonly<Record<string, Json>>)[key];
  }
  if (typeof at === "number") return String(at);
  return typeof at === "string" ? at : null;
}
