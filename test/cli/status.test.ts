import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { expect, test } from "vitest";

import { runCanary, startCanary } from "../e2e/support/run-canary.ts";
import { untilShare, worldForTest, type World } from "../e2e/support/world.ts";
import { eventually } from "../support/sandbox-client.ts";

const PLANS = resolve(import.meta.dirname, "../e2e/plans");

async function canary({ folder, evidence }: World, ...args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await runCanary(folder, [...args, "--evidence", evidence]);
  return stdout + stderr;
}

test("a rollout that runs, is held, goes on, and is followed by somebody else", async () => {
  const world = await worldForTest();
  const start = world.start("fast.yaml", ["--time-scale", "1/2"]);
  await untilShare(world, 10);
  const running = await canary(world, "status");
  expect(running).toMatch(/^state {5}.*stage 1 of 3 \(pilot\), at most 10 %/mu);
  expect(running).toContain("runner    alive on this machine");
  expect(running).toMatch(/to stop going forward: canary hold [0-9a-z]{26} --reason/u);
  const watch = canary(world, "watch");
  expect(await canary(world, "hold", "--reason", "lunch", "--by", "ana")).toBe("taken: hold\n");
  const held = await canary(world, "status");
  expect(held).toContain("HELD      lunch");
  expect(held).toMatch(/to go on: canary resume [0-9a-z]{26}/u);
  const [listed] = await world.list();
  expect(listed).toMatchObject({ state: "held", exit: null });
  expect(await canary(world, "promote")).toContain("canary: not taken: ");
  expect(await canary(world, "confirm", "go")).toContain("it asks for none");
  expect(await canary(world, "resume", "--by", "ben")).toBe("taken: resume\n");
  expect((await start.exit).code).toBe(0);
  const seen = await watch;
  expect(seen).toContain("ana says hold (lunch)");
  expect(seen).toContain("resumed by ben");
  expect(seen).toContain("promoted: fast is live");
  expect(await canary(world, "status")).toContain("promoted: fast is live, every gate passed");
});

test("a rollout whose runner is gone: status says so, and resume runs it on", async () => {
  const world = await worldForTest();
  const start = world.start("fast.yaml", ["--time-scale", "1/2"]);
  await untilShare(world, 50);
  start.signal("SIGKILL");
  await start.exit;
  const status = await canary(world, "status");
  expect(status).toContain("runner    GONE: nobody watches this rollout");
  const next = status.split("\nnext\n")[1]?.trimEnd().split("\n");
  expect(next?.map((line) => line.trim().split(":")[0])).toEqual([
    "to roll back",
    "to run it on from here",
    "if its targets were put right by hand or from elsewhere",
  ]);
  const json = JSON.parse(await canary(world, "status", "--json")) as Record<string, unknown>;
  expect(json).toMatchObject({ plan: "fast", runner: "gone", exit: null, share: 50 });
  const resumed = await runCanary(world.folder, ["resume", "--evidence", world.evidence]);
  expect(resumed.code, resumed.stdout + resumed.stderr).toBe(0);
  expect((await world.state()).traffic.canary).toBe(100);
  expect((await world.verify()).code).toBe(0);
});

test("a runner that was killed while a write was on its way: resume writes it again, and goes on", async () => {
  const world = await worldForTest();
  const start = world.start("fast.yaml", ["--time-scale", "1/2"]);
  await untilShare(world, 10);
  await world.knobs({ slowWritesMs: 1500 });
  await eventually(
    () => canary(world, "status"),
    (status) => status.includes("changing, stage 2 of 3"),
  );
  start.signal("SIGKILL");
  await start.exit;
  await world.knobs({ slowWritesMs: null });
  expect((await world.state()).traffic.canary).toBe(10);
  const resumed = await runCanary(world.folder, ["resume", "--evidence", world.evidence]);
  expect(resumed.code, resumed.stdout + resumed.stderr).toBe(0);
  expect(resumed.stdout).not.toContain("HELD");
});

test("what a preflight waits for stands on every screen, and a no ends it untouched", async () => {
  const world = await worldForTest();
  const plan = join(world.folder, "asks.yaml");
  const text = readFileSync(join(PLANS, "fast.yaml"), "utf8")
    .replace("checks:\n", 'checks:\n  go: { confirm: "is support informed?" }\n')
    .replace("traffic:\n", "preflight: [go]\ntraffic:\n");
  writeFileSync(plan, text);
  const start = startCanary(world.folder, [
    ...["start", plan, "--sandbox", world.sandbox.url, "--evidence", world.evidence],
  ]);
  const id = await world.rolloutId();
  const line = `to confirm go (is support informed?): canary confirm ${id} go`;
  await eventually(
    () => Promise.resolve(start.stdout()),
    (shown) => shown.includes(line),
  );
  expect(await canary(world, "status")).toContain(line);
  expect(await canary(world, "confirm", "go", "--no", "--by", "ana")).toBe("taken: confirm go\n");
  const exit = await start.exit;
  expect(exit.code).toBe(20);
  expect(exit.stdout).toContain("go was answered with no by ana");
  expect((await world.state()).writes).toEqual([]);
});
