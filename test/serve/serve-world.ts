import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";

import { onTestFinished } from "vitest";

import type { JournalLine } from "../../src/evidence/journal-line.ts";
import { signingKey } from "../../src/evidence/signing-key.ts";
import type { AuditEvent } from "../../src/serve/audit-event.ts";
import { boundedRecord } from "../../src/serve/bounded-record.ts";
import { issueToken } from "../../src/serve/issue-token.ts";
import { openAudit } from "../../src/serve/open-audit.ts";
import type { ActiveRollout, Ended, Handed, ServePorts } from "../../src/serve/ports.ts";
import { spentTokens } from "../../src/serve/spent-tokens.ts";
import { startServer } from "../../src/serve/start-server.ts";
import type { Token } from "../../src/serve/token.ts";
import { folderForTest } from "../e2e/support/run-canary.ts";

export const ROLLOUT = "01arz3ndektsv4rrffq69g5fav";
const HOUR = 3_600_000;

export interface ServeWorld {
  readonly url: string;
  readonly audit: string;
  /** Aborts that were begun, as `rollout reason by`. */
  readonly aborted: string[];
  readonly said: string[];
  /** What an abort gives; may be set anew. */
  handed: Handed;
  active: readonly ActiveRollout[] | Error;
  readonly tokens: Token[];
  readonly issue: (person: string, roles: readonly string[], lasts?: number) => string;
  readonly trail: () => Promise<readonly JournalLine<AuditEvent>[]>;
  readonly post: (token: string | null, body?: unknown, more?: RequestInit) => Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly json: Record<string, unknown>;
}

/** The real server and a real audit trail, with rollouts that only note what they are told. */
export async function serveWorld(folder = folderForTest()): Promise<ServeWorld> {
  const path = join(folder, "audit.ndjson");
  const audit = await openAudit(path, await signingKey(folder));
  const never = new Promise<Ended>(() => undefined);
  const world: Omit<ServeWorld, "url" | "post"> = {
    audit: path,
    aborted: [],
    said: [],
    handed: { kind: "claimed", ended: never },
    active: [{ id: ROLLOUT, plan: "shop", version: "v2.1.0" }],
    tokens: [],
    issue: (person, roles, lasts = HOUR) => {
      const { text, token } = issueToken(person, roles, lasts, Date.now());
      world.tokens.push(token);
      return text;
    },
    trail: async () =>
      (await readFile(path, "utf8"))
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as JournalLine<AuditEvent>),
  };
  const ports: ServePorts = {
    tokens: () => Promise.resolve(world.tokens),
    roles: ["council", "steward", "ops"],
    openReads: false,
    rollouts: {
      active: () =>
        world.active instanceof Error
          ? Promise.reject(world.active)
          : Promise.resolve(world.active),
      abort: (rollout, reason, by) => {
        world.aborted.push(`${rollout} ${reason} ${by}`);
        return Promise.resolve(world.handed);
      },
      status: () => Promise.resolve({ active: [] }),
      metrics: ({ version }) => Promise.resolve(version === "v2.1.0" ? { metrics: {} } : null),
    },
    record: boundedRecord(audit.record, () => performance.now()).record,
    spent: spentTokens(audit.earlier),
    now: () => Date.now(),
    say: (text) => void world.said.push(text),
  };
  const server = await startServer(ports, { host: "127.0.0.1", port: 0, tls: null });
  onTestFinished(async () => {
    await server.close();
    await audit.close();
  });
  return Object.assign(world, {
    url: server.url,
    post: (token: string | null, body: unknown = ORDER, more: RequestInit = {}) =>
      send(`${server.url}/ops/canary/abort`, {
        method: "POST",
        body: typeof body === "string" ? body : JSON.stringify(body),
        ...more,
        headers: {
          "content-type": "application/json",
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(more.headers as Record<string, string>),
        },
      }),
  });
}

export const ORDER = {
  reason: "High error rate detected",
  confirmed: true,
  operator: "@jermaineMerritt",
};

export async function send(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init);
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
}

/** Sends bytes as they are, and gives everything that comes back. */
export async function sendRaw(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let got = "";
  socket.setEncoding("utf8").on("data", (part: string) => (got += part));
  socket.write(text);
  await once(socket, "close");
  return got;
}
