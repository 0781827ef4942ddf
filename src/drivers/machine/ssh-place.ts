import type { SshConfig } from "./ssh-connection.ts";

/** The config of a connection of this type; null for any other. */
export function sshOf(connection: Readonly<Record<string, unknown>>): SshConfig | null {
  return typeof connection["host"] === "string"
    ? { ...connection, host: connection["host"] }
    : null;
}

/** A machine in keys and messages: `ssh/deploy@web-1:2222`. */
export function sshName({ host, port }: SshConfig): string {
  return `ssh/${host}${port === undefined ? "" : `:${port}`}`;
}
