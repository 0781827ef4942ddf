import { cpSync, rmSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";

import { expect, test } from "vitest";

import { folderForTest, startCanary, type CanaryProcess } from "./support/run-canary.ts";
import { BASELINE, untilShare, worldForTest, type World } from "./support/world.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** A canary of its own, as `npm install` leaves one. */
function installed(): { readonly bin: string; readonly remove: () => void } {
  const folder = folderForTest();
  for (const part of ["bin", "dist", "package.json"])
    cpSync(join(ROOT, part), join(folder, part), { recursive: true, preserveTimestamps: true });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  return {
    bin: join(folder, "bin/canary.js"),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

function startWith(bin: string, world: World): CanaryProcess {
  const plan = resolve(import.meta.dirname, "plans/fast.yaml");
  const args = ["start", "--plan", plan, "--sandbox", world.sandbox.url];
  return startCanary(world.folder, [...args, "--evidence", world.evidence], { bin });
}

test.concurrent("a rollout whose canary is removed under it goes back all the same, and is sealed", async () => {
  const world = await worldForTest();
  const { bin, remove } = installed();
  const start = startWith(bin, world);
  await untilShare(world, 10);
  remove();
  await world.knobs({ canary: { errorRate: 0.9 } });
  const ended = await start.exit;
  expect(ended.code, ended.stdout + ended.stderr).toBe(30);
  expect(ended.stderr).not.toContain("this is a bug");
  expect((await world.state()).traffic).toEqual(BASELINE.traffic);
  const verified = await world.verify();
  expect(verified.code, verified.text).toBe(0);
  expect(verified.text).toContain("signed by your own key");
});

test.concurrent("and one that is promoted is promoted", async () => {
  const world = await worldForTest();
  const { bin, remove } = installed();
  const start = startWith(bin, world);
  await untilShare(world, 10);
  remove();
  const ended = await start.exit;
  expect(ended.code, ended.stdout + ended.stderr).toBe(0);
  const verified = await world.verify();
  expect(verified.code, verified.text).toBe(0);
});
