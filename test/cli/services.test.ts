import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import {
  folderForTest,
  runCanary,
  startCanary,
  type CanaryProcess,
} from "../e2e/support/run-canary.ts";
import { lives } from "../engine/checks/check-world.ts";
import { freePort } from "../support/free-port.ts";
import { eventually } from "../support/sandbox-client.ts";

interface World {
  readonly folder: string;
  readonly start: CanaryProcess;
  /** The service and the process that it started itself. */
  readonly pids: () => readonly number[];
}

/** A rollout whose first stage sits in a check that has its service up. */
async function world(): Promise<World> {
  const folder = folderForTest();
  const port = await freePort();
  const file = join(folder, "pids");
  writeFileSync(join(folder, "flags.env"), "A=0\n");
  writeFileSync(
    join(folder, "sink.cjs"),
    `const child = require("node:child_process").spawn("sleep", ["600"]);
require("node:http").createServer().listen(${port}, "127.0.0.1", () =>
  require("node:fs").writeFileSync(${JSON.stringify(file)}, process.pid + " " + child.pid));
`,
  );
  writeFileSync(
    join(folder, "shop.yaml"),
    `apiVersion: canary/v1
kind: Plan
name: shop
checks:
  smoke:
    services:
      sink: { run: [ ${process.execPath}, ${folder}/sink.cjs ], ready: { tcp: "127.0.0.1:${port}" } }
    steps: [ { run: [ touch, ${folder}/begun ] }, { wait: 1h } ]
  fine: { run: [ "true" ] }
stages:
  - name: one
    actions: [ { env-file: { file: ${folder}/flags.env, set: { A: "1" } } } ]
    checks: [ smoke ]
rollback: { verify: { checks: [ fine ] } }
`,
  );
  const start = startCanary(folder, ["start", "shop.yaml"]);
  await eventually(
    () => Promise.resolve(existsSync(join(folder, "begun"))),
    (begun) => begun,
  );
  const pids = (): readonly number[] => readFileSync(file, "utf8").split(" ").map(Number);
  const started = pids();
  onTestFinished(() => {
    for (const pid of started.filter(lives)) process.kill(pid, "SIGKILL");
  });
  return { folder, start, pids };
}

test("a signal rolls back, and leaves nothing of the check running", async () => {
  const { folder, start, pids } = await world();
  expect(pids().filter(lives)).toHaveLength(2);
  start.signal("SIGTERM");
  expect((await start.exit).code).toBe(31);
  expect(pids().filter(lives)).toEqual([]);
  expect(readFileSync(join(folder, "flags.env"), "utf8")).toBe("A=0\n");
});

test("who leaves at the second signal takes its services along", async () => {
  const { start, pids } = await world();
  start.signal("SIGTERM");
  start.signal("SIGTERM");
  expect([31, 130]).toContain((await start.exit).code);
  expect(pids().filter(lives)).toEqual([]);
});

test("what a killed runner left running is ended by the abort", async () => {
  const { folder, start, pids } = await world();
  start.signal("SIGKILL");
  await start.exit;
  expect(pids().filter(lives)).toHaveLength(2);
  const abort = await runCanary(folder, ["abort", "--reason", "gone"]);
  expect(abort.code, abort.stdout + abort.stderr).toBe(31);
  await eventually(
    () => Promise.resolve(pids().filter(lives)),
    (left) => left.length === 0,
  );
});
