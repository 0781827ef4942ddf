import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import { abortElsewhere } from "../../src/engine/abort-elsewhere.ts";
import { startRollout } from "../../src/engine/start-rollout.ts";
import type { TakeOverRequest } from "../../src/engine/take-over.ts";
import { engineWorld, quickPlan, testSignals, type EngineWorld } from "../support/engine-world.ts";
import { eventually } from "../support/sandbox-client.ts";

async function underWay(world: EngineWorld): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  void startRollout(world.engine(), quickPlan(60_000), {
    signals: testSignals(),
    acceptLive: false,
    onRollout: (rollout) => Promise.resolve(resolve(rollout)),
  });
  const id = await promise;
  await eventually(() => Promise.resolve(live(world, "weight") === 10), Boolean);
  return id;
}

function live(world: EngineWorld, key: string): unknown {
  const value = world.values.get(key);
  return value?.present === true ? value.value : undefined;
}

const request = (): TakeOverRequest => ({
  mode: "rollback",
  cause: { kind: "abort", text: "enough", by: "tester" },
  overwrite: false,
  pastIrreversible: false,
  afterPromoted: false,
  signals: testSignals(),
});

test("an abort whose evidence folder became read-only works from the bundle, and says so", async () => {
  const world = engineWorld();
  const id = await underWay(world);
  const spare = mkdtempSync(join(tmpdir(), "canary-spare-"));
  onTestFinished(() => rmSync(spare, { recursive: true, force: true, maxRetries: 5 }));
  const said: string[] = [];
  const refuse = (): Promise<never> =>
    Promise.reject(Object.assign(new Error("could not claim: read-only"), { code: "EROFS" }));
  const engine = world.engine({ ...world.store, claim: refuse });
  const { exit } = await abortElsewhere(engine, id, request(), {
    spare,
    say: (why) => void said.push(why),
  });
  expect([31, 41]).toContain(exit);
  expect(said).toEqual(["could not claim: read-only"]);
  expect([live(world, "weight"), live(world, "image")]).toEqual([0, "v1"]);
  // The runner is alive in this process, so that nothing else ends it.
  await abortElsewhere(world.engine(), id, request(), { spare, say: () => undefined });
});
