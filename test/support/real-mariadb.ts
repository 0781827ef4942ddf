import { execFile } from "node:child_process";
import { chown } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";

import type { TestContext } from "vitest";

import { freePort } from "./free-port.ts";
import { folderForTest, needProgram, startRealServer, type RealServer } from "./real-server.ts";

/** Who runs it when the test is root: Debian's nobody. */
const NOBODY = 65_534;

/** Debian's MariaDB on a free port of loopback, with a user `root` without a password. */
export async function mariadbForTest(
  context: TestContext,
): Promise<RealServer & { readonly port: number }> {
  needProgram(context, "mariadb-install-db");
  const folder = await folderForTest();
  const isRoot = process.getuid?.() === 0;
  if (isRoot) await chown(folder, NOBODY, NOBODY);
  const as = { ...(isRoot ? { uid: NOBODY, gid: NOBODY } : {}), cwd: folder };
  const data = `--datadir=${join(folder, "data")}`;
  await promisify(execFile)(
    "mariadb-install-db",
    ["--no-defaults", data, "--auth-root-authentication-method=normal", "--skip-test-db"],
    as,
  );
  const port = await freePort();
  const server = await startRealServer(
    // Not on the PATH of everyone.
    "/usr/sbin/mariadbd",
    [
      "--no-defaults",
      data,
      `--socket=${join(folder, "socket")}`,
      `--pid-file=${join(folder, "pid")}`,
      `--port=${port}`,
      "--bind-address=127.0.0.1",
    ],
    { ...as, isReady: () => accepts(port) },
  );
  return { ...server, port };
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
