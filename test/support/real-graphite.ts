import { execFile, spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";

import type { TestContext } from "vitest";

import { freePort } from "./free-port.ts";
import {
  answers,
  folderForTest,
  needProgram,
  startRealServer,
  type RealServer,
} from "./real-server.ts";

/** Debian's own: another Python first on the PATH does not have its packages. */
const PYTHON = "/usr/bin/python3";

export interface RealGraphite {
  readonly url: string;
  readonly web: RealServer;
  /** Sends `name value seconds` lines to carbon. */
  readonly send: (
    ...points: ReadonlyArray<readonly [name: string, value: number, at: number]>
  ) => Promise<void>;
}

/** Debian's carbon and graphite-web on free ports, with points of one second that are kept for ten minutes. */
export async function graphiteForTest(context: TestContext): Promise<RealGraphite> {
  needProgram(context, "carbon-cache");
  needGraphiteWeb(context);
  const folder = await folderForTest();
  const [line, pickle, cache, web] = await Promise.all([
    freePort(),
    freePort(),
    freePort(),
    freePort(),
  ]);
  await configure(folder, { line, pickle, cache });
  await startRealServer(
    "carbon-cache",
    [`--config=${folder}/carbon.conf`, "--nodaemon", `--pidfile=${folder}/carbon.pid`, "start"],
    { isReady: () => accepts(line) },
  );
  const env = {
    ...process.env,
    PYTHONPATH: folder,
    DJANGO_SETTINGS_MODULE: "graphite.settings",
    GRAPHITE_SETTINGS_MODULE: "canary_graphite",
  };
  await promisify(execFile)(PYTHON, ["-m", "django", "migrate", "--run-syncdb"], { env });
  const url = `http://127.0.0.1:${web}`;
  const args = ["-m", "django", "runserver", "--noreload", `127.0.0.1:${web}`];
  const server = await startRealServer(PYTHON, args, {
    env,
    isReady: () => answers(`${url}/version`),
  });
  return {
    url,
    web: server,
    send: (...points) =>
      sendTo(line, points.map(([name, value, at]) => `${name} ${value} ${at}\n`).join("")),
  };
}

function needGraphiteWeb(context: TestContext): void {
  if (spawnSync(PYTHON, ["-c", "import graphite, django"]).status === 0) return;
  const reason = `${PYTHON} has no graphite-web`;
  if (process.env["CI"] === "true") throw new Error(`${reason}: install it in CI`);
  context.skip(reason);
}

async function configure(
  folder: string,
  ports: { readonly line: number; readonly pickle: number; readonly cache: number },
): Promise<void> {
  const host = "127.0.0.1";
  await mkdir(join(folder, "whisper"));
  const carbon = {
    STORAGE_DIR: folder,
    LOCAL_DATA_DIR: join(folder, "whisper"),
    CONF_DIR: folder,
    LOG_DIR: folder,
    PID_DIR: folder,
    USER: "",
    MAX_CREATES_PER_MINUTE: "inf",
    LINE_RECEIVER_INTERFACE: host,
    LINE_RECEIVER_PORT: ports.line,
    PICKLE_RECEIVER_INTERFACE: host,
    PICKLE_RECEIVER_PORT: ports.pickle,
    CACHE_QUERY_INTERFACE: host,
    CACHE_QUERY_PORT: ports.cache,
  };
  const lines = Object.entries(carbon).map(([key, value]) => `${key} = ${value}`);
  await writeFile(join(folder, "carbon.conf"), `[cache]\n${lines.join("\n")}\n`);
  await writeFile(
    join(folder, "storage-schemas.conf"),
    "[all]\npattern = .*\nretentions = 1s:10m\n",
  );
  const web = {
    SECRET_KEY: "test",
    ALLOWED_HOSTS: ["*"],
    TIME_ZONE: "UTC",
    STORAGE_DIR: folder,
    WHISPER_DIR: join(folder, "whisper"),
    LOG_DIR: folder,
    INDEX_FILE: join(folder, "index"),
    LOG_ROTATION: 0,
    CARBONLINK_HOSTS: [`${host}:${ports.cache}`],
    DATABASES: {
      default: { NAME: join(folder, "graphite.db"), ENGINE: "django.db.backends.sqlite3" },
    },
  };
  // JSON without true, false and null is Python.
  const settings = Object.entries(web).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`);
  await writeFile(join(folder, "canary_graphite.py"), settings.join(""));
}

async function accepts(port: number): Promise<boolean> {
  return await sendTo(port, "").then(
    () => true,
    () => false,
  );
}

async function sendTo(port: number, text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.end(text));
    socket.on("close", () => resolve());
    socket.on("error", reject);
  });
}
