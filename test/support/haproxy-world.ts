import { rename, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { join } from "node:path";

import { freePort } from "./free-port.ts";
import { startLoopbackServer } from "./loopback-server.ts";
import { ask, startNamed, startProgram } from "./split-world.ts";
import { temporaryFolder } from "./temporary-folder.ts";

export interface HaproxyWorld extends AsyncDisposable {
  readonly url: string;
  readonly socket: string;
  /** The same Runtime API at host:port. */
  readonly address: string;
  /** A map that sends requests by their header `x-team`. */
  readonly map: string;
  /** Where HAProxy counts its requests, for a Prometheus. */
  readonly metrics: string;
  readonly pid: number;
  /** What the canary answers to all requests from now on. */
  canaryAnswers(status: number): void;
  /** Says something to the Runtime API, without the driver. */
  tell(command: string): Promise<string>;
  /** Puts something else in the place of the socket: the one of a user without rights, or a server of ours. */
  breakSocket(how: "forbids" | "cuts" | "ignores writes"): Promise<void>;
}

export interface HaproxyOptions {
  /** Lines for the backend, as `cookie SRV insert`. */
  readonly backend?: readonly string[];
  /** What follows the servers of the canary. */
  readonly canary?: string;
}

/** A real HAProxy on a free port, before two stable servers and a canary of their own. */
export async function startHaproxy(options: HaproxyOptions = {}): Promise<HaproxyWorld> {
  const folder = await temporaryFolder();
  let status = 200;
  const [port, runtime, counted, stable, second, named] = await Promise.all([
    freePort(),
    freePort(),
    freePort(),
    startNamed("stable"),
    startNamed("stable"),
    startLoopbackServer(() => ({ status, body: "canary" })),
  ]);
  const canary = { ...named, address: new URL(named.url).host };
  const [socket, map, config] = ["admin.sock", "teams.map", "haproxy.cfg"].map((name) =>
    join(folder.path, name),
  ) as [string, string, string];
  const url = `http://127.0.0.1:${port}`;
  await writeFile(map, "");
  await writeFile(
    config,
    `global
  stats socket ${socket} mode 600 level admin
  stats socket ipv4@127.0.0.1:${runtime} level admin
  stats socket ${socket}.user mode 600 level user
defaults
  mode http
  timeout connect 2s
  timeout client 10s
  timeout server 10s
frontend shop
  bind 127.0.0.1:${port}
  use_backend %[req.hdr(x-team),map(${map})] if { req.hdr(x-team),map(${map}) -m found }
  default_backend shop
frontend counted
  bind 127.0.0.1:${counted}
  http-request use-service prometheus-exporter
backend shop
  balance roundrobin
${(options.backend ?? []).map((line) => `  ${line}\n`).join("")}  server stable-1 ${stable.address} weight 100 cookie s1
  server stable-2 ${second.address} weight 100 cookie s2
  server canary-1 ${canary.address} weight 0 cookie c1 ${options.canary ?? ""}
backend new
  server canary-1 ${canary.address}
`,
  );
  const program = await startProgram(
    "haproxy",
    ["-db", "-f", config],
    async () => (await ask(url)) === "stable",
  );
  const tell = (command: string): Promise<string> => say(socket, command);
  const liar = createServer({ allowHalfOpen: true });
  return {
    url,
    socket,
    address: `127.0.0.1:${runtime}`,
    map,
    metrics: `http://127.0.0.1:${counted}`,
    pid: program.child.pid ?? 0,
    canaryAnswers: (answer) => void (status = answer),
    tell,
    async breakSocket(how) {
      if (how === "forbids") return rename(`${socket}.user`, socket);
      const real = `${socket}.real`;
      await rename(socket, real);
      await new Promise<void>((resolve) => liar.listen(socket, resolve));
      liar.on("connection", (line) => {
        line.on("error", () => undefined);
        line.setEncoding("utf8");
        line.once("data", (command) => {
          if (how === "cuts") line.destroy();
          else if (String(command).startsWith("set ")) line.end("\n");
          else void say(real, String(command).trim()).then((text) => line.end(`${text}\n\n`));
        });
      });
    },
    async [Symbol.asyncDispose]() {
      liar.close();
      program.child.kill("SIGCONT");
      await program[Symbol.asyncDispose]();
      for (const each of [stable, second, canary, folder]) await each[Symbol.asyncDispose]();
    },
  };
}

function say(socket: string, command: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const line = connect(socket, () => line.end(`${command}\n`));
  let text = "";
  line.setEncoding("utf8");
  line.on("data", (chunk) => (text += String(chunk)));
  line.on("end", () => resolve(text.trim()));
  line.on("error", reject);
  return promise;
}
