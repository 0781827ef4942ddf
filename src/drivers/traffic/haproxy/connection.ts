import { hostname } from "node:os";

import { z } from "zod";

import { sshConnection } from "../../machine/ssh-connection.ts";
import { sshName, sshOf } from "../../machine/ssh-place.ts";
import { placeholders } from "../../template.ts";

const ADDRESS = /^(?:[\w.-]+|\[[0-9a-fA-F:]+\]):\d+$/;

const { host, port, identity, knownHosts } = sshConnection.config.shape;
const OF_SSH = ["port", "identity", "knownHosts"] as const;

const shape = z.strictObject({
  socket: z
    .string()
    .refine(
      // A reference is resolved at its use, and what it stands for is found wrong then.
      (text) => text.startsWith("/") || ADDRESS.test(text) || placeholders(text).length > 0,
      "write the path of the socket, like /run/haproxy/admin.sock, or host:port",
    )
    .describe("the `stats socket` of `level admin`: its path, or host:port"),
  host: host.optional().describe("the machine that the path is on, reached through ssh"),
  port: port.describe("of ssh, where it is not the usual"),
  identity: identity.describe("of ssh: the private key file"),
  knownHosts: knownHosts.describe("of ssh: the file of host keys"),
});

const config = shape.superRefine((given, issues) => {
  const part = OF_SSH.find((key) => given[key] !== undefined);
  if (given.host === undefined && part !== undefined)
    issues.addIssue({ code: "custom", message: `\`${part}\` goes with a \`host\``, path: [part] });
  if (given.host !== undefined && ADDRESS.test(given.socket))
    issues.addIssue({
      code: "custom",
      message: "an address is reached as it is: remove `host`, or write the path of a socket there",
      path: ["host"],
    });
});

/** The connection type of HAProxy's Runtime API. */
export const haproxyConnection = {
  type: "haproxy",
  description: "a HAProxy, through its Runtime API",
  config,
} as const;

/** Where a Runtime API is; a path is one on `host`, a host's name or `ssh/HOST`, and that is null for an address. */
export interface HaproxyPlace {
  readonly socket: string;
  readonly host: string | null;
}

/** The place of a connection, pinned to its machine where it is a path. */
export function placeOf(connection: Readonly<Record<string, unknown>>): HaproxyPlace {
  const { socket } = connection;
  const text = typeof socket === "string" ? socket : "";
  const ssh = sshOf(connection);
  return { socket: text, host: text.startsWith("/") ? (ssh ? sshName(ssh) : hostname()) : null };
}
