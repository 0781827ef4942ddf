import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";

import { expect, test } from "vitest";

import { endServices } from "../../../src/engine/end-process.ts";
import { freePort } from "../../support/free-port.ts";
import { eventually } from "../../support/sandbox-client.ts";
import { checkWorld, lives, type CheckWorld } from "./check-world.ts";

/** Listens on its first argument, answers each request with 200, and writes its pid and that of a child into a file. */
const SINK = `
const { createServer } = require("node:http");
const { spawn } = require("node:child_process");
const { writeFileSync } = require("node:fs");
const [port, file, mode] = process.argv.slice(2);
if (mode === "stubborn") process.on("SIGTERM", () => undefined);
const child = spawn("sleep", ["60"]);
writeFileSync(file, process.pid + " " + child.pid);
console.log("sink has " + process.env.SINK_SECRET);
createServer((request, response) => {
  response.writeHead(mode === "sick" ? 503 : 200);
  response.end("ok");
  if (mode === "fragile") setTimeout(() => process.exit(3), 10);
}).listen(Number(port), "127.0.0.1");
`;

interface SinkWorld extends CheckWorld {
  readonly port: number;
  readonly pids: () => readonly number[];
}

async function sinkWorld(body: string, ready = "tcp", mode = "well"): Promise<SinkWorld> {
  const port = await freePort();
  const place = ready === "tcp" ? `localhost:${port}` : `http://localhost:${port}/`;
  const world = await checkWorld(`
  smoke:
    services:
      sink:
        run: [ ${process.execPath}, FOLDER/sink.cjs, "${port}", FOLDER/pids, ${mode} ]
        env: { SINK_SECRET: "\${env:SECRET}" }
        ready: { ${ready}: "${place}", within: ${mode === "sick" ? "400ms" : "10s"} }
${body.replaceAll("PORT", String(port))}`);
  await writeFile(join(world.folder, "sink.cjs"), SINK);
  const file = join(world.folder, "pids");
  const pids = (): readonly number[] =>
    existsSync(file) ? readFileSync(file, "utf8").split(" ").map(Number) : [];
  return { ...world, port, pids };
}

const ASK = "    http: http://localhost:PORT/";

test.each(["tcp", "http"])(
  "a service is up before its check is made, and gone after it (%s)",
  async (ready) => {
    const world = await sinkWorld(ASK, ready);
    const result = await world.attempt();
    expect(result).toMatchObject({ kind: "pass", detail: /answered 200/ });
    expect(world.pids()).toHaveLength(2);
    expect(world.pids().filter(lives)).toEqual([]);
    expect(world.run.stopping.size).toBe(0);
    // What it printed is kept with the answer.
    expect(result.body).toBe("ok\n--- service sink\nsink has s3cret-value\n");
    expect(world.run.redactor.redact(result.body)).not.toContain("s3cret-value");
  },
);

test("it lives through all steps of a check, and starts anew with the next attempt", async () => {
  const world = await sinkWorld(`    steps:
      - http: http://localhost:PORT/
      - http: http://localhost:PORT/`);
  expect(await world.attempt()).toMatchObject({ kind: "pass" });
  const first = world.pids();
  expect(await world.attempt()).toMatchObject({ kind: "pass" });
  expect(world.pids()).not.toEqual(first);
  expect([...first, ...world.pids()].filter(lives)).toEqual([]);
});

test("a service that ignores SIGTERM is killed, with what it started", async () => {
  const world = await sinkWorld(ASK, "tcp", "stubborn");
  expect(await world.attempt()).toMatchObject({ kind: "pass" });
  expect(world.pids().filter(lives)).toEqual([]);
});

test("a place that is taken is told, and nothing is started", async () => {
  const world = await sinkWorld(ASK);
  const other = createServer().listen(world.port, "127.0.0.1");
  const result = await world.attempt();
  other.close();
  expect(result).toMatchObject({
    kind: "error",
    detail: `the service sink was not started: something answers at localhost:${world.port} already`,
  });
  expect(world.pids()).toEqual([]);
});

test("a service that never comes up is an error, and is stopped", async () => {
  const world = await sinkWorld(ASK, "http", "sick");
  expect(await world.attempt()).toMatchObject({
    kind: "error",
    detail: "the service sink was not up within 0.4 s",
  });
  expect(world.pids().filter(lives)).toEqual([]);
});

test("a service that cannot be started, or ends at once, says why", async () => {
  const port = await freePort();
  const broken = (run: string): string => `
  smoke:
    services: { sink: { run: ${run}, ready: { tcp: "localhost:${port}" } } }
    run: [ "true" ]`;
  const missing = await checkWorld(broken("[ FOLDER/there-is-none ]"));
  expect(await missing.attempt()).toMatchObject({
    kind: "error",
    detail: `the service sink there is no file ${missing.folder}/there-is-none before it was up`,
  });
  const crashing = await checkWorld(broken("[ sh, -c, 'echo no disk >&2; exit 7' ]"));
  expect(await crashing.attempt()).toMatchObject({
    kind: "error",
    detail: "the service sink ended with 7 (no disk) before it was up",
  });
});

test("a service that dies during the check makes it an error, whatever the check says", async () => {
  const world = await sinkWorld(
    `    steps:
      - http: http://localhost:PORT/
      - run: [ sleep, "0.3" ]`,
    "tcp",
    "fragile",
  );
  expect(await world.attempt()).toMatchObject({
    kind: "error",
    detail: "the service sink ended with 3 (sink has s3cret-value) before the check was over",
  });
  expect(world.pids().filter(lives)).toEqual([]);
});

test("an abort stops the services, and a check that took too long as well", async () => {
  const world = await sinkWorld(`    run: [ sleep, "60" ]`);
  const control = new AbortController();
  const result = world.attempt(control.signal);
  await eventually(
    () => Promise.resolve(world.pids().length),
    (count) => count === 2,
  );
  control.abort();
  await result;
  expect(world.pids().filter(lives)).toEqual([]);

  const late = await sinkWorld(`    run: [ sleep, "60" ]\n    timeout: 600ms`);
  expect(await late.attempt()).toMatchObject({ kind: "fail", detail: "no result within 600 ms" });
  expect(late.pids().filter(lives)).toEqual([]);
});

test("what the checks of a killed runner left is ended by the next epoch, and nothing else", async () => {
  const left = (rollout: string, epoch: string, extra: object): number => {
    const env = { ...process.env, CANARY_ROLLOUT: rollout, CANARY_EPOCH: epoch, ...extra };
    return spawn("sleep", ["60"], { env, stdio: "ignore" }).pid ?? 0;
  };
  const own = left("left-rollout", "1", { CANARY_SERVICE: "sink" });
  const others = [
    left("left-rollout", "2", { CANARY_SERVICE: "sink" }),
    left("other-rollout", "1", { CANARY_SERVICE: "sink" }),
    left("left-rollout", "1", {}),
  ];
  try {
    await endServices("left-rollout", 2);
    await eventually(
      () => Promise.resolve(lives(own)),
      (alive) => !alive,
    );
    expect(others.filter(lives)).toEqual(others);
  } finally {
    for (const pid of others) process.kill(pid);
  }
});
