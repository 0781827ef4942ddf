import type { IncomingMessage, ServerResponse } from "node:http";

import { advance } from "./advance.ts";
import { answer, refuse, type Reply, type Route } from "./reply.ts";
import { appRoutes } from "./routes-app.ts";
import { controlRoutes } from "./routes-control.ts";
import { observeRoutes } from "./routes-observe.ts";
import type { World } from "./world.ts";

const maxBodyBytes = 64 * 1024;

/** Every endpoint but `GET /`, which lists them. */
export const sandboxRoutes: readonly Route[] = [...controlRoutes, ...observeRoutes, ...appRoutes];

/** Answers one request, or leaves it hanging where a knob says so. Never rejects. */
export async function handleRequest(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  let reply: Reply;
  try {
    reply = await answerRequest(world, request, signal);
  } catch (error) {
    reply = refuse(`a bug in the sandbox: ${String(error)}`, 500);
  }
  if (reply.kind === "hang" || response.destroyed) return;
  const text =
    typeof reply.body === "string" ? reply.body : `${JSON.stringify(reply.body, null, 2)}\n`;
  response.writeHead(reply.status, {
    "cache-control": "no-store",
    "content-type": reply.type ?? "application/json",
    ...(reply.allow === undefined ? {} : { allow: reply.allow }),
  });
  response.end(reply.status === 204 ? undefined : text);
}

async function answerRequest(
  world: World,
  request: IncomingMessage,
  signal: AbortSignal,
): Promise<Reply> {
  const url = parseTarget(request.url ?? "/");
  if (url === null) return refuse(`"${request.url ?? ""}" is no path`);
  const body = await readBody(request);
  if (body.kind === "refused") return body.reply;
  // Read after the body has come: what a request sees is the world at its end.
  const now = Date.now();
  advance(world, now);
  if (url.pathname === "/") return answer(200, indexOf());
  const matches = sandboxRoutes.flatMap((route) => {
    const params = matchPath(route.path, url.pathname);
    return params === null ? [] : [{ route, params }];
  });
  const found = matches.find(({ route }) => route.method === request.method);
  if (found !== undefined) {
    const { route, params } = found;
    return route.answer({
      world,
      now,
      headers: request.headers,
      query: url.searchParams,
      params,
      body: body.value,
      signal,
    });
  }
  if (matches.length === 0) return refuse(`no endpoint ${url.pathname}: GET / lists them`, 404);
  const allow = matches.map(({ route }) => route.method).join(", ");
  const refused = refuse(
    `${request.method ?? ""} ${url.pathname} is not possible: use ${allow}`,
    405,
  );
  return { ...refused, allow };
}

function parseTarget(target: string): URL | null {
  return URL.canParse(target, "http://sandbox") ? new URL(target, "http://sandbox") : null;
}

function indexOf(): unknown {
  const lines = sandboxRoutes.map(({ method, path, about }) => [`${method} ${path}`, about]);
  return { sandbox: "a small world to roll out in", endpoints: Object.fromEntries(lines) };
}

/** The values of the pattern's `:name` places, or `null` when the path is another one. */
function matchPath(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? "";
    if (!part.startsWith(":")) {
      if (part !== value) return null;
      continue;
    }
    const decoded = decode(value);
    if (decoded === null || decoded === "") return null;
    params[part.slice(1)] = decoded;
  }
  return params;
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

type Body = { kind: "read"; value: unknown } | { kind: "refused"; reply: Reply };

async function readBody(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Read on to the end all the same: a client that is cut off while sending sees a reset, not the answer.
    if (size <= maxBodyBytes) chunks.push(chunk);
  }
  if (size > maxBodyBytes) {
    return {
      kind: "refused",
      reply: refuse(`the body has ${size} bytes: send at most ${maxBodyBytes}`, 413),
    };
  }
  const text = Buffer.concat(chunks).toString("utf8");
  if (text.trim() === "") return { kind: "read", value: undefined };
  try {
    return { kind: "read", value: JSON.parse(text) as unknown };
  } catch (error) {
    return { kind: "refused", reply: refuse(`the body is no JSON: ${(error as Error).message}`) };
  }
}
