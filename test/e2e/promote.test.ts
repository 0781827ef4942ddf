import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { eventually } from "../support/sandbox-client.ts";
import { runCanary, startCanary } from "./support/run-canary.ts";
import { worldForTest, type World } from "./support/world.ts";

async function untilWaiting(world: World): Promise<string> {
  const id = await world.rolloutId();
  const path = join(world.evidence, id, "journal.1.ndjson");
  await eventually(
    () => Promise.resolve(readFileSync(path, "utf8")),
    (journal) => journal.includes('"kind":"waiting"'),
  );
  return id;
}

test("promote --auto promotes when only a word is missing, to the end, with its code; --manual asks, and takes no silence", async () => {
  const world = await worldForTest();
  const where = ["--evidence", world.evidence];
  const start = world.start("governed.yaml", []);
  const auto = startCanary(world.folder, [
    ...["promote", await world.rolloutId(), "--auto", "--by", "bo", ...where],
  ]);
  const id = await untilWaiting(world);
  const promote = (...more: readonly string[]) =>
    runCanary(world.folder, ["promote", id, ...where, ...more]);
  const silent = await promote("--manual", "--approver", "@ana");
  expect([silent.code, silent.stderr]).toEqual([2, expect.stringContaining("--yes")]);
  const nobody = await promote("--manual");
  expect([nobody.code, nobody.stderr]).toEqual([2, expect.stringContaining("--approver NAME")]);
  const both = await promote("--manual", "--auto");
  expect([both.code, both.stderr]).toEqual([2, expect.stringContaining("contradict")]);
  expect((await world.state()).traffic.canary).toBe(10);
  const ana = await promote("--manual", "--approver", "@ana", "--yes");
  expect(ana.code, ana.stderr).toBe(0);
  const exit = await start.exit;
  expect(exit.code, exit.stdout + exit.stderr).toBe(0);
  expect(exit.stdout + exit.stderr).toContain("@ana says promote");
  const followed = await auto.exit;
  expect(followed.code, followed.stderr).toBe(0);
  expect(followed.stderr).toContain("waiting for go; counted: promote of bo");
  expect(followed.stderr).toContain("ended: promoted");
});
