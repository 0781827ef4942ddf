import { hostname } from "node:os";

import { z } from "zod";

import { placeholders } from "../../template.ts";

const ADDRESS = /^(?:[\w.-]+|\[[0-9a-fA-F:]+\]):\d+$/;

const config = z.strictObject({
  socket: z
    .string()
    .refine(
      // A reference is resolved at its use, and what it stands for is found wrong then.
      (text) => text.startsWith("/") || ADDRESS.test(text) || placeholders(text).length > 0,
      "write the path of the socket, like /run/haproxy/admin.sock, or host:port",
    )
    .describe("the `stats socket` of `level admin`: its path on this machine, or host:port"),
});

/** The connection type of HAProxy's Runtime API. */
export const haproxyConnection = {
  type: "haproxy",
  description: "a HAProxy, through its Runtime API",
  config,
} as const;

/** Where a Runtime API is; a path is one on `host`, which is null for an address. */
export interface HaproxyPlace {
  readonly socket: string;
  readonly host: string | null;
}

/** The place of a connection, pinned to this machine where it is a path. */
export function placeOf(connection: Readonly<Record<string, unknown>>): HaproxyPlace {
  const { socket } = connection;
  const text = typeof socket === "string" ? socket : "";
  return { socket: text, host: text.startsWith("/") ? hostname() : null };
}
