import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { BASELINE, untilShare, worldForTest } from "./support/world.ts";

test.concurrent("a healthy rollout is promoted, leaves evidence that verifies, and says what it did", async () => {
  const world = await worldForTest();
  const start = world.start("fast.yaml");
  const exit = await start.exit;
  expect(exit.code, exit.stdout + exit.stderr).toBe(0);
  const state = await world.state();
  expect(state.traffic.canary).toBe(100);
  expect(state.deploys.canary).toEqual({ image: "shop:1.1.0", replicas: 2 });
  const [rollout] = await world.list();
  expect(rollout).toMatchObject({ plan: "fast", state: "promoted", exit: 0 });
  const folder = join(world.evidence, rollout?.id ?? "");
  expect(readdirSync(folder)).toEqual(
    expect.arrayContaining(["plan.yaml", "plan.json", "rollback.json", "manifest.json"]),
  );
  expect(readdirSync(join(folder, "stages"))).toEqual(["01-pilot", "02-half", "03-all"]);
  expect(
    JSON.parse(readFileSync(join(folder, "stages/01-pilot/state_10.json"), "utf8")),
  ).toMatchObject({ traffic: { canary: 10 } });
  const verified = await world.verify(exit.stdout + exit.stderr);
  expect(verified.code, verified.text).toBe(0);
  expect(verified.text).toMatch(/witness stdin: saw 6 lines, the last one 2\.\d+/u);
});

test.concurrent("an error spike rolls back, and is verified", async () => {
  const world = await worldForTest();
  const start = world.start("fast.yaml");
  await untilShare(world, 10);
  await world.knobs({ canary: { errorRate: 0.6 } });
  const exit = await start.exit;
  expect(exit.code, exit.stdout + exit.stderr).toBe(30);
  const state = await world.state();
  expect(state.traffic).toEqual(BASELINE.traffic);
  expect(state.deploys.canary).toEqual(BASELINE.canary);
  const verified = await world.verify();
  expect(verified.code, verified.text).toBe(0);
});
