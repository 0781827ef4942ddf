// A PostgreSQL of Debian's with a database of its own in a temporary folder, reached by a free port of this machine.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const HOME = "/usr/lib/postgresql";

/** The newest server that is installed; Debian keeps it off the PATH. Null where there is none. */
export function postgresFolder() {
  const versions = existsSync(HOME) ? readdirSync(HOME) : [];
  const newest = versions
    .toSorted((a, b) => Number(b) - Number(a))
    .find((version) => existsSync(join(HOME, version, "bin/initdb")));
  return newest === undefined ? null : join(HOME, newest, "bin");
}

/** Starts it and gives its address; `stop` ends it and removes its folder. */
export async function startPostgres() {
  const bin = postgresFolder();
  if (bin === null) throw new Error("no PostgreSQL server is installed");
  const owner = unprivileged();
  const folder = mkdtempSync(join(tmpdir(), "canary-postgres-"));
  if (owner.uid !== undefined) chownSync(folder, owner.uid, owner.gid);
  const data = join(folder, "data");
  const made = spawnSync(
    join(bin, "initdb"),
    ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync", data],
    { cwd: folder, encoding: "utf8", ...owner },
  );
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
  const port = await freePort();
  const settings = { listen_addresses: "127.0.0.1", unix_socket_directories: "", fsync: "off" };
  const server = spawn(
    join(bin, "postgres"),
    [
      "-D",
      data,
      "-p",
      String(port),
      ...Object.entries(settings).flatMap(([k, v]) => ["-c", `${k}=${v}`]),
    ],
    { cwd: folder, stdio: ["ignore", "ignore", "pipe"], ...owner },
  );
  let log = "";
  const exited = once(server, "exit");
  const kill = () => server.kill("SIGQUIT");
  process.on("exit", kill);
  const stop = async () => {
    kill();
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  await new Promise((resolve, reject) => {
    server.stderr.on("data", (chunk) => {
      log += chunk;
      if (log.includes("ready to accept connections")) resolve();
    });
    exited.then(() => reject(new Error(`postgres: ${log}`)), reject);
  });
  return { host: "127.0.0.1", port, stop };
}

/** PostgreSQL refuses to run as root: then it runs as the user that Debian made for it. */
function unprivileged() {
  if (process.getuid() !== 0) return {};
  const ask = (flag) => Number(spawnSync("id", [flag, "postgres"], { encoding: "utf8" }).stdout);
  return { uid: ask("-u"), gid: ask("-g") };
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
