import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { folderForTest, runCanary, startCanary } from "./support/run-canary.ts";
import { expectBaseline, untilShare, worldForTest } from "./support/world.ts";

const PLAN = join(import.meta.dirname, "plans/fast.yaml");

test.concurrent("abort --all rolls back every active rollout at the same time, whether its runner lives or not", async () => {
  const [one, two] = [await worldForTest(), await worldForTest()];
  // Both are known to one machine: they share its state, and each has a folder of evidence of its own.
  const first = one.start("fast.yaml");
  const second = startCanary(one.folder, [
    "start",
    ...["--plan", PLAN, "--sandbox", two.sandbox.url, "--evidence", join(one.folder, "other")],
  ]);
  await Promise.all([untilShare(one, 10), untilShare(two, 10)]);
  second.signal("SIGKILL");
  const aborted = await runCanary(one.folder, ["abort", "--all", "--reason", "everything burns"]);
  expect(aborted.code, aborted.stdout + aborted.stderr).toBe(31);
  expect(aborted.stdout.match(/\+[\d.]+s rolled back and verified \(exit 31\)/gu)).toHaveLength(2);
  expect((await first.exit).code).toBe(31);
  await Promise.all([expectBaseline(one), expectBaseline(two)]);
  const again = await runCanary(one.folder, ["abort", "--all", "--reason", "once more"]);
  expect(again).toMatchObject({ code: 0, stdout: "" });
  expect(again.stderr).toContain("nothing to abort");
});

test.concurrent("--all and an id contradict each other", async () => {
  const world = await worldForTest();
  const both = await runCanary(world.folder, ["abort", "01abcd", "--all", "--reason", "x"]);
  expect(both.code).toBe(2);
  expect(both.stderr).toContain("contradict");
});

test("what could not be read may hold a rollout: abort --all and reap say so with 41, never that nothing is active", async () => {
  const folder = folderForTest();
  mkdirSync(join(folder, "state"));
  execFileSync("mkfifo", [join(folder, "state/rollouts.ndjson")]);
  const all = await runCanary(folder, ["abort", "--all", "--reason", "x"]);
  expect([all.code, all.stderr]).toEqual([41, expect.stringMatching(/is no file[^]*NOT ABORTED/u)]);
  const reap = await runCanary(folder, ["reap"]);
  expect([reap.code, reap.stderr]).toEqual([41, expect.stringMatching(/not known \(exit 41\)/u)]);
  const one = await runCanary(folder, ["abort", "--reason", "x"]);
  expect([one.code, one.stderr]).toEqual([41, expect.stringContaining("was not read")]);
});
