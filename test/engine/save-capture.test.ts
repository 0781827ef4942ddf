import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { createRun } from "../../src/engine/create-run.ts";
import { plainOptions } from "../../src/engine/run.ts";
import { saveCapture } from "../../src/engine/save-capture.ts";
import { engineWorld, quickPlan, type EngineWorld } from "../support/engine-world.ts";

function runOf(world: EngineWorld) {
  const { plan, digest } = quickPlan();
  return createRun(world.engine(), { rollout: "r", plan, digest, epoch: 1 }, plainOptions, []);
}

test("bytes are kept as they are, a text without what names a person or is secret", async () => {
  const world = engineWorld();
  const run = runOf(world);
  run.redactor.register("env:TOKEN", "s3cret-value");
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
  expect(await saveCapture(run, "a.png", bytes)).toBeNull();
  expect(await saveCapture(run, "a.txt", "s3cret-value of eve@example.com")).toBeNull();
  const at = (name: string): Buffer => readFileSync(join(world.evidence, "r/captures", name));
  expect([...at("a.png")]).toEqual([...bytes]);
  expect(at("a.txt").toString()).toBe("[redacted env:TOKEN] of [redacted e-mail]");
});

test("what is taken of a moment lies in the folder of its stage, not of the one in force", async () => {
  const world = engineWorld();
  const run = runOf(world);
  const [pilot] = run.plan.stages;
  run.state = { ...run.state, stage: 1 };
  await saveCapture(run, "then.txt", "then", pilot);
  await saveCapture(run, "now.txt", "now");
  const at = (path: string): string => readFileSync(join(world.evidence, "r", path), "utf8");
  expect(at("stages/pilot/then.txt")).toBe("then");
  expect(at("stages/all/now.txt")).toBe("now");
});
