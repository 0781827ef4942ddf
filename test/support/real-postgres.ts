import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { chown, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";

import type { TestContext } from "vitest";

import { afterTest } from "./after-test.ts";
import { freePort } from "./free-port.ts";
import {
  folderForTest,
  startServer,
  type RealServer,
  type RealServerOptions,
} from "./real-server.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const ROOT = "/usr/lib/postgresql";
/** Who runs it when the test is root, which PostgreSQL refuses: Debian's nobody. */
const NOBODY = 65_534;

export interface RealPostgres extends RealServer {
  readonly port: number;
  readonly password: string;
}

/** Debian's PostgreSQL on a free port of loopback, with a superuser `owner` and a password. */
export async function postgresForTest(context: TestContext): Promise<RealPostgres> {
  const bin = needPostgres(context);
  return await startPostgres(bin, await folderForTest(), afterTest);
}

/** Whether tests against a real PostgreSQL are left out here. In CI they may not be left out. */
export const withoutPostgres = ((): boolean => {
  if (installed() !== undefined) return false;
  if (process.env["CI"] === "true") throw new Error(`no PostgreSQL server under ${ROOT}`);
  return true;
})();

/** One server for all tests of a file, for `beforeAll`; whoever starts it stops it. */
export async function postgresForFile(): Promise<RealPostgres> {
  const folder = await temporaryFolder();
  const server = await startPostgres(installed() ?? "", folder.path, () => undefined);
  return {
    ...server,
    stop: async () => {
      await server.stop();
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function startPostgres(
  bin: string,
  folder: string,
  onStarted: (stop: () => Promise<void>) => void,
): Promise<RealPostgres> {
  const password = "own3r-s3cret";
  const passwordFile = join(folder, "password");
  await writeFile(passwordFile, password);
  const isRoot = process.getuid?.() === 0;
  const as = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  if (isRoot) for (const path of [folder, passwordFile]) await chown(path, NOBODY, NOBODY);
  const data = join(folder, "data");
  await promisify(execFile)(
    join(bin, "initdb"),
    [
      `--pgdata=${data}`,
      "--username=owner",
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256",
      "--no-sync",
      "--encoding=UTF8",
      "--locale=C",
    ],
    { ...as, cwd: folder },
  );
  const port = await freePort();
  const args = ["-D", data, "-p", String(port), "-h", "127.0.0.1", "-k", folder, "-F"];
  const options: RealServerOptions = {
    ...as,
    cwd: folder,
    // Its children would outlive a SIGKILL for a moment.
    signal: "SIGQUIT",
    isReady: () => accepts(port),
  };
  const server = await startServer(join(bin, "postgres"), args, options, onStarted);
  return { ...server, port, password };
}

function installed(): string | undefined {
  const versions = existsSync(ROOT) ? readdirSync(ROOT).toSorted() : [];
  const newest = versions.findLast((version) => existsSync(join(ROOT, version, "bin/initdb")));
  return newest === undefined ? undefined : join(ROOT, newest, "bin");
}

function needPostgres(context: TestContext): string {
  const bin = installed();
  if (bin !== undefined) return bin;
  const reason = `no PostgreSQL server under ${ROOT}`;
  if (process.env["CI"] === "true") throw new Error(`${reason}: install it in CI`);
  return context.skip(reason);
}

async function accepts(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}
