import { existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { expect, test } from "vitest";

import { folderForTest, runCanary } from "../e2e/support/run-canary.ts";
import { worldForTest } from "../e2e/support/world.ts";

const FAST = resolve(import.meta.dirname, "../e2e/plans/fast.yaml");

test.for([
  ["below a file", (folder: string) => join(folder, "file/evidence"), "ENOTDIR"],
  ["on a file", (folder: string) => join(folder, "file"), "there is a file of that name"],
  ["where nothing can be made", () => "/proc/evidence", "a part of the path is not there"],
] as const)("evidence %s: not started, exit 20, and what to write instead", async (row) => {
  const [, place, why] = row;
  const world = await worldForTest();
  writeFileSync(join(world.folder, "file"), "");
  const { code, stdout, stderr } = await runCanary(world.folder, [
    ...["start", FAST, "--sandbox", world.sandbox.url, "--evidence", place(world.folder)],
  ]);
  expect({ code, stdout }, stderr).toEqual({ code: 20, stdout: "" });
  expect(stderr).toContain(why);
  expect(stderr).toContain("--evidence DIR");
  expect((await world.state()).writes).toEqual([]);
});

test("a state folder that cannot be: exit 20, and the variable that moves it", async () => {
  const folder = folderForTest();
  writeFileSync(join(folder, "file"), "");
  const { code, stderr } = await runCanary(folder, ["start", FAST, "--sandbox"], {
    env: { CANARY_STATE_DIR: join(folder, "file/state") },
  });
  expect(code, stderr).toBe(20);
  expect(stderr).toContain("CANARY_STATE_DIR=DIR");
});

test("a plan for the sandbox without one, and the other way round, are wrong usage", async () => {
  const folder = folderForTest();
  const without = await runCanary(folder, ["start", FAST]);
  expect(without.code).toBe(2);
  expect(without.stderr).toContain(`canary start ${FAST} --sandbox`);
  const { stdout } = await runCanary(folder, ["init", "-"]);
  writeFileSync(join(folder, "real.yaml"), stdout);
  const real = ["start", "real.yaml", "--set", "version=v1.4.0", "--sandbox"];
  const mistaken = await runCanary(folder, real);
  expect(mistaken.code, mistaken.stderr).toBe(2);
  expect(mistaken.stderr).toContain("it would change its real targets");
  expect(existsSync(join(folder, "evidence"))).toBe(false);
});

test("a target that does not answer: every problem of the preflight, exit 20", async () => {
  const folder = folderForTest();
  const { code, stdout } = await runCanary(folder, [
    ...["start", FAST, "--sandbox", "http://127.0.0.1:9", "--output", "plain"],
  ]);
  expect(code).toBe(20);
  expect(stdout).toContain("not started: the preflight found");
});
