import type { IncomingMessage } from "node:http";

import { isRolloutId } from "../evidence/rollout-id.ts";
import { abortRollout, used } from "./abort-rollout.ts";
import type { Caller } from "./audit-event.ts";
import { authorize } from "./authorize.ts";
import { crossSite } from "./cross-site.ts";
import type { Ask, ServePorts } from "./ports.ts";
import { readJson } from "./read-json.ts";
import { readOrder } from "./read-order.ts";
import { refuse, type Refusal } from "./refusal.ts";
import type { Reply } from "./reply.ts";
import type { Token } from "./token.ts";

const ABORT = "/ops/canary/abort";
const METRICS = "/ops/canary/metrics";
const STATUS = "/ops/canary/status";

/** What was found out about a request before it was refused. */
interface Seen {
  token: Token | null;
}

/** Answers one request. Every refusal is recorded; none changes anything. Never rejects. */
export async function answerRequest(ports: ServePorts, request: IncomingMessage): Promise<Reply> {
  const caller = callerOf(request);
  const seen: Seen = { token: null };
  let result: Reply | Refusal;
  try {
    result = await route(ports, request, caller, seen);
  } catch (error) {
    ports.say(`a bug in canary: ${error instanceof Error ? (error.stack ?? "") : String(error)}`);
    result = refuse(500, "bug", "a bug in canary: use `canary abort` on a machine that knows it");
  }
  if (!("kind" in result)) return result;
  return refused(ports, result, caller, seen.token);
}

/** Records a refusal and makes an answer of it. */
export async function refused(
  { record, say }: Pick<ServePorts, "record" | "say">,
  refusal: Refusal,
  caller: Caller,
  token: Token | null,
): Promise<Reply> {
  const { status, why, text, more, allow } = refusal;
  const event = { kind: "refused", why, status, text, caller, token: token?.id ?? null } as const;
  // A trail that can not be written keeps nothing: it is said, and the refusal stays one.
  const recorded = await record(event, token?.person ?? "unknown").catch((error: unknown) => {
    say(`NOT RECORDED: ${why}: ${String(error)}`);
    return null;
  });
  if (recorded !== null)
    say(`refused ${status} ${why}: ${caller.method} ${caller.path} from ${caller.address}`);
  return {
    status,
    body: { error: text, why, ...more },
    headers: {
      ...(status === 401 ? { "www-authenticate": "Bearer" } : {}),
      ...(allow === undefined ? {} : { allow }),
    },
  };
}

async function route(
  ports: ServePorts,
  request: IncomingMessage,
  caller: Caller,
  seen: Seen,
): Promise<Reply | Refusal> {
  const method = { [ABORT]: "POST", [METRICS]: "GET", [STATUS]: "GET" }[caller.path];
  if (method === undefined)
    return refuse(404, "unknown-path", `there is ${ABORT}, ${METRICS} and ${STATUS}`);
  if (request.method !== method)
    return { ...refuse(405, "wrong-method", `${caller.path} takes ${method}`), allow: method };
  const foreign = crossSite(request);
  if (foreign !== null) return foreign;
  if (method === "GET" && ports.openReads) return read(ports, request, caller.path);
  const bearer = authorize(request, await ports.tokens(), ports.now());
  if (bearer.kind === "refused") return bearer;
  seen.token = bearer.token;
  if (method === "GET") return read(ports, request, caller.path);
  return abort(ports, request, caller, bearer.token);
}

async function abort(
  ports: ServePorts,
  request: IncomingMessage,
  caller: Caller,
  token: Token,
): Promise<Reply | Refusal> {
  if (!token.roles.some((role) => ports.roles.includes(role)))
    return refuse(
      403,
      "wrong-role",
      `${token.person} may not abort: that takes ${ports.roles.join(" or ")}`,
    );
  const spent = ports.spent.find(token.id);
  if (spent !== null && !spent.unsure) return used(spent.rollout);
  const body = await readJson(request);
  if (body.kind === "refused") return body;
  const order = readOrder(body.value);
  if (order.kind === "refused") return order;
  if (order.operator !== null && order.operator !== token.person)
    return refuse(
      403,
      "wrong-operator",
      `this token is not that operator's: it is ${token.person}'s`,
    );
  return abortRollout(ports, order, token, caller);
}

async function read(
  { rollouts }: ServePorts,
  request: IncomingMessage,
  path: string,
): Promise<Reply | Refusal> {
  const { searchParams } = new URL(request.url ?? "/", "http://canary");
  const ask: Ask = { rollout: searchParams.get("rollout"), version: searchParams.get("version") };
  if (ask.rollout !== null && !isRolloutId(ask.rollout))
    return refuse(400, "malformed", '"rollout" is no id of a rollout: `canary list` shows them');
  const found = await (path === METRICS ? rollouts.metrics(ask) : rollouts.status(ask));
  if (found === null)
    return refuse(404, "no-rollout", "no such rollout is known here: `canary list` shows them");
  return { status: 200, body: found as Reply["body"] };
}

/** Who asks. The path without its query, and both cut: what a stranger sends must not fill the disk. */
function callerOf(request: IncomingMessage): Caller {
  const forwarded = request.headers["x-forwarded-for"];
  const [path = ""] = (request.url ?? "").split("?", 1);
  return {
    address: request.socket.remoteAddress ?? "",
    forwarded: forwarded === undefined ? null : String(forwarded).slice(0, 100),
    method: request.method ?? "",
    path: path.slice(0, 100),
  };
}
