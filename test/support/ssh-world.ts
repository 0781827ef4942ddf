import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";

import type { Json } from "../../src/core/units.ts";
import { freePort } from "./free-port.ts";
import { hasProgram, startProgram } from "./split-world.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const SSHD = "/usr/sbin/sshd";

/** Whether an sshd can be run here; in CI it must. */
export function hasSshd(): boolean {
  return hasProgram("sshd") && hasProgram("ssh") && existsSync(SSHD);
}

export interface SshWorld extends AsyncDisposable {
  /** The config of a connection that may sign in. */
  readonly connection: Readonly<Record<string, Json>>;
  readonly pid: number;
  /** Takes the key of the connection off the list of those that may sign in. */
  forbid(): Promise<void>;
}

/** A real sshd on a free port of loopback, with keys of its own. */
export async function startSsh(): Promise<SshWorld> {
  const folder = await temporaryFolder();
  const at = (name: string): string => join(folder.path, name);
  for (const key of ["host", "own"])
    spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", at(key)]);
  const port = await freePort();
  const [kind, key] = (await readFile(at("host.pub"), "utf8")).split(" ");
  await writeFile(at("known"), `[127.0.0.1]:${port} ${kind} ${key}\n`);
  await writeFile(at("allowed"), await readFile(at("own.pub"), "utf8"));
  await writeFile(
    at("config"),
    [
      `Port ${port}`,
      "ListenAddress 127.0.0.1",
      `HostKey ${at("host")}`,
      `AuthorizedKeysFile ${at("allowed")}`,
      `PidFile ${at("pid")}`,
      "StrictModes no",
      // The default one is slow, and this is loopback.
      "KexAlgorithms curve25519-sha256",
      "UsePAM no",
      "PasswordAuthentication no",
      `SetEnv PATH="${process.env["PATH"] ?? ""}"`,
      "",
    ].join("\n"),
  );
  // Root's sshd parts its rights in this folder, which a package makes at boot.
  if (userInfo().uid === 0) await mkdir("/run/sshd", { recursive: true, mode: 0o755 });
  const program = await startProgram(SSHD, ["-D", "-e", "-f", at("config")], () => listens(port));
  return {
    connection: {
      host: `${userInfo().username}@127.0.0.1`,
      port,
      identity: at("own"),
      knownHosts: at("known"),
    },
    pid: program.child.pid ?? 0,
    forbid: () => writeFile(at("allowed"), ""),
    async [Symbol.asyncDispose]() {
      await program[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

function listens(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, "127.0.0.1");
  socket.once("connect", () => resolve(true));
  socket.once("error", () => resolve(false));
  return promise.finally(() => socket.destroy());
}
