import type { Json } from "../../../src/core/units.ts";
import { json, startFakeApi, type Asked, type FakeApi } from "./fake-api.ts";

export interface FakeSlack extends FakeApi {
  /** Messages by their `ts`, as the channel shows them. */
  readonly messages: ReadonlyMap<string, { readonly text: Json; readonly thread: Json }>;
  forget(ts: string): void;
}

const CHANNEL = "C024BE91L";

/** Slack's Web API and an incoming webhook: chat.postMessage, chat.update, 200 with `ok: false` for what is refused. */
export async function startFakeSlack(token: string): Promise<FakeSlack> {
  const messages = new Map<string, { readonly text: Json; readonly thread: Json }>();
  function answer(asked: Asked) {
    if (asked.path === "/services/T0/B0/hook") return incoming(asked);
    if (asked.headers.authorization !== `Bearer ${token}`) return no("invalid_auth");
    if (asked.headers["content-type"]?.startsWith("application/json") !== true)
      return no("invalid_form_data");
    const { channel, text = null, blocks = [], ts, thread_ts: thread = null } = asked.json;
    if (channel !== "#deploys" && channel !== CHANNEL) return no("channel_not_found");
    if (text === null && (blocks as readonly Json[]).length === 0) return no("no_text");
    const problem = blockProblem(blocks as readonly Json[]);
    if (problem !== null) return no(problem);
    if (asked.path === "/api/chat.postMessage") {
      const made = `1503435956.${String(messages.size + 1).padStart(6, "0")}`;
      messages.set(made, { text, thread });
      return json(200, { ok: true, channel: CHANNEL, ts: made, message: { text } });
    }
    // Only ids may be updated, never names.
    if (channel !== CHANNEL) return no("channel_not_found");
    if (asked.path !== "/api/chat.update") return no("unknown_method");
    if (typeof ts !== "string" || !messages.has(ts)) return no("message_not_found");
    messages.set(ts, { text, thread: messages.get(ts)?.thread ?? null });
    return json(200, { ok: true, channel: CHANNEL, ts, text });
  }
  const api = await startFakeApi(answer);
  return { ...api, messages, forget: (ts) => void messages.delete(ts) };
}

function no(error: string) {
  return json(200, { ok: false, error });
}

function incoming({ json: body }: Asked) {
  return typeof body["text"] === "string"
    ? { status: 200, body: "ok" }
    : { status: 400, body: "invalid_payload" };
}

/** The bounds that Slack enforces. */
function blockProblem(blocks: readonly Json[]): string | null {
  if (blocks.length > 50) return "invalid_blocks";
  for (const block of blocks as readonly { type: string; text?: { text: string } }[]) {
    const length = block.text?.text.length ?? 0;
    if (block.type === "header" && length > 150) return "invalid_blocks";
    if (block.type === "section" && (length > 3000 || length === 0)) return "invalid_blocks";
  }
  return null;
}
