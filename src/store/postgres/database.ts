import type { Client, QueryResultRow } from "pg";

import { isUnreachable, refused, textOf, unreachable } from "../unreachable.ts";
import { FIND_SCHEMA, MAKE_SCHEMA } from "./schema.ts";

export interface Database {
  /** Runs one statement in a transaction of its own. Throws when no answer came: then nobody knows what it did. */
  query<R extends QueryResultRow>(sql: string, values: readonly unknown[]): Promise<readonly R[]>;
  close(): Promise<void>;
}

export interface DatabasePlace {
  /** Without a password. */
  readonly url: string;
  /** Null: from PGPASSWORD or the password file, as the database's own clients do. */
  readonly password: string | null;
  /** How long one answer may take, in milliseconds; without it 5 s. */
  readonly patience?: number;
}

/** A write to a target waits for an answer. */
const PATIENCE = 5000;
/** SQLSTATEs (or their classes) that say nothing about what was asked: another attempt may succeed. */
const PASSING = /^(?:08|40|53|57P0|25006)/u;
const SQLSTATE = /^[\dA-Z]{5}$/u;

/** A connection, which takes one statement after the other; what waits for one that is lost is lost with it. */
interface Connection {
  readonly client: Promise<Client>;
  last: Promise<unknown>;
  lost: Error | null;
}

/** One connection, opened when it is first needed and again after it was lost; the tables are made where they lack. */
export function openDatabase(place: DatabasePlace): Database {
  let live: Connection | null = null;
  const drop = (connection: Connection, why: Error): void => {
    connection.lost ??= why;
    if (live === connection) live = null;
    connection.client.then(hangUp, () => undefined);
  };
  function open(): Connection {
    const connection: Connection = {
      client: connect(place, (why) => drop(connection, why)),
      last: Promise.resolve(),
      lost: null,
    };
    return connection;
  }
  async function run<R extends QueryResultRow>(
    connection: Connection,
    sql: string,
    values: readonly unknown[],
  ): Promise<readonly R[]> {
    if (connection.lost !== null) throw connection.lost;
    try {
      return (await (await connection.client).query<R>(sql, [...values])).rows;
    } catch (error) {
      const told = explain(place.url, error);
      // Where it refused to sign in it never was a connection.
      if (isUnreachable(told) || /^(?:28|3D)/u.test(codeOf(error))) drop(connection, told);
      throw told;
    }
  }
  return {
    query<R extends QueryResultRow>(sql: string, values: readonly unknown[]) {
      const connection = (live ??= open());
      const done = connection.last.then(() => run<R>(connection, sql, values));
      connection.last = done.catch(() => undefined);
      return done;
    },
    async close() {
      const last = live;
      live = null;
      await last?.client.then(hangUp, () => undefined);
    },
  };
}

function explain(where: string, error: unknown): Error {
  const code = codeOf(error);
  const message = textOf(error);
  if (SQLSTATE.test(code) && !PASSING.test(code)) return refused(where, adviceOn(code, message));
  // What the library says when there is none.
  if (message.includes("client password must be a string"))
    return refused(where, "it asks for a password: set PGPASSWORD or the password file");
  return unreachable(where, message, error);
}

async function connect(
  { url, password, patience = PATIENCE }: DatabasePlace,
  onLost: (why: Error) => void,
): Promise<Client> {
  const { default: pg } = await import("pg");
  const client = new pg.Client({
    connectionString: withPassword(url, password),
    application_name: "canary",
    connectionTimeoutMillis: patience,
    query_timeout: patience,
    keepAlive: true,
  });
  client.on("error", (error) => onLost(unreachable(url, textOf(error), error)));
  client.on("end", () => onLost(unreachable(url, "the connection was closed")));
  try {
    await client.connect();
    const { rows } = await client.query<{ found: string | null }>(FIND_SCHEMA);
    if (rows[0]?.found === null) await client.query(MAKE_SCHEMA);
    return client;
  } catch (error) {
    hangUp(client);
    throw error;
  }
}

function withPassword(url: string, password: string | null): string {
  if (password === null) return url;
  const whole = new URL(url);
  // The setter leaves a % as it is.
  whole.password = encodeURIComponent(password);
  return whole.href;
}

/** Without a good-bye: what is still under way there may be stuck. */
function hangUp(client: Client): void {
  client.on("error", () => undefined);
  client.end().catch(() => undefined);
  (
    client as unknown as { connection?: { stream?: { destroy(): void } } }
  ).connection?.stream?.destroy();
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : "";
}

function adviceOn(code: string, message: string): string {
  switch (code) {
    case "42501":
      return `${message}: the role needs the tables of schema canary, see docs/stores.md`;
    case "28P01":
    case "28000":
      return `${message}: set PGPASSWORD or the password file`;
    default:
      return message;
  }
}
