import { join } from "node:path";

import { expect, test } from "vitest";

import { runCanary } from "./support/run-canary.ts";
import { worldForTest, type World } from "./support/world.ts";

const PLAN = join(import.meta.dirname, "plans/fast.yaml");

/** A store that nobody serves. */
const NOWHERE = ["--store", "postgres://owner@127.0.0.1:1/canary"];

function doctor(world: World, ...args: string[]) {
  return runCanary(world.folder, ["doctor", PLAN, "--sandbox", world.sandbox.url, ...args]);
}

test.concurrent("doctor reads all that a start would read, says what is there, and changes nothing", async () => {
  const world = await worldForTest();
  const { code, stdout, stderr } = await doctor(world);
  expect(code, stdout + stderr).toBe(0);
  expect(stdout).toContain("/router canary is 0");
  expect(stdout).toContain('/deploy/canary image is "shop:1.0.0"');
  expect(stdout).toContain("a start would begin now");
  expect((await world.state()).writes).toEqual([]);
  expect(await world.list()).toEqual([]);
});

test.concurrent("what a start would be refused for is said all at once, with 20", async () => {
  const world = await worldForTest();
  await world.knobs({ metricsStatus: 503 });
  const { code, stdout } = await doctor(
    world,
    ...["--json", "--set", "image=shop:1.0.0"],
    ...NOWHERE,
  );
  expect(code, stdout).toBe(20);
  const { ok, examined } = JSON.parse(stdout) as {
    ok: boolean;
    examined: { area: string; problems: string[] }[];
  };
  expect(ok).toBe(false);
  const metrics = examined.find(({ area }) => area === "metrics");
  expect(metrics?.problems.join(" ")).toContain("503");
  const store = examined.find(({ area }) => area === "store");
  expect(store?.problems.join(" ")).toContain("127.0.0.1:1/canary does not answer");
  const started = await world.start("fast.yaml", NOWHERE).exit;
  expect(started, started.stderr).toMatchObject({ code: 20 });
  expect(started.stderr).toMatch(/not started, nothing was touched \(exit 20\).*does not answer/u);
  expect((await world.state()).writes).toEqual([]);
});

test.concurrent("a plan for a sandbox needs one, and says how to get it", async () => {
  const world = await worldForTest();
  const { code, stderr } = await runCanary(world.folder, ["doctor", PLAN]);
  expect(code).toBe(2);
  expect(stderr).toContain("canary sandbox --port 7070");
});
