import { rmSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { expectBaseline, untilShare, worldForTest } from "./support/world.ts";

test("with plan.json gone the bundle stands in: the abort restores everything and ends 31", async () => {
  const world = await worldForTest();
  const start = world.start("fast.yaml");
  await untilShare(world, 10);
  const id = await world.rolloutId();
  start.signal("SIGKILL");
  await start.exit;
  rmSync(join(world.evidence, id, "plan.json"));
  const abort = await world.abort([id]).exit;
  expect(abort.code, abort.stdout + abort.stderr).toBe(31);
  await expectBaseline(world);
});

test("with nothing left to go by an abort says that it did nothing: 41, never that all is well", async () => {
  const world = await worldForTest();
  const start = world.start("fast.yaml");
  await untilShare(world, 10);
  const id = await world.rolloutId();
  start.signal("SIGKILL");
  await start.exit;
  for (const name of ["plan.json", "rollback.json"]) rmSync(join(world.evidence, id, name));
  const abort = await world.abort([id]).exit;
  expect(abort.code, abort.stdout + abort.stderr).toBe(41);
  expect(abort.stderr).toContain("NOT ABORTED");
  expect((await world.state()).traffic.canary).toBeGreaterThan(0);
});
