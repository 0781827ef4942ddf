import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import type { Outcome } from "../../src/engine/ports.ts";
import { startRollout } from "../../src/engine/start-rollout.ts";
import { takeOver } from "../../src/engine/take-over.ts";
import { engineWorld, quickPlan, testSignals, type EngineWorld } from "../support/engine-world.ts";
import { eventually } from "../support/sandbox-client.ts";

/** A rollout that waits at 10 %; gives its evidence folder and its id. */
async function underWay(
  world: EngineWorld,
): Promise<{ readonly id: string; readonly folder: string }> {
  const { promise, resolve } = Promise.withResolvers<string>();
  void startRollout(world.engine(), quickPlan(60_000), {
    signals: testSignals(),
    acceptLive: false,
    onRollout: (rollout) => Promise.resolve(resolve(rollout)),
  });
  const id = await promise;
  await eventually(() => Promise.resolve(live(world, "weight") === 10), Boolean);
  return { id, folder: join(world.evidence, id) };
}

function abort(world: EngineWorld, rollout: string): Promise<Outcome> {
  return takeOver(world.engine(), rollout, {
    mode: "rollback",
    cause: { kind: "abort", text: "enough", by: "tester" },
    overwrite: false,
    pastIrreversible: false,
    afterPromoted: false,
    signals: testSignals(),
  });
}

function live(world: EngineWorld, key: string): unknown {
  const value = world.values.get(key);
  return value?.present === true ? value.value : undefined;
}

test.each(["baseline-captured", "action-intended", "every line"])(
  "a journal whose %s is damaged: what may have been changed is put back before it is called so",
  async (kind) => {
    const world = engineWorld();
    const { id, folder } = await underWay(world);
    const path = join(folder, "journal.1.ndjson");
    const damaged = readFileSync(path, "utf8").replaceAll(/^.*$/gm, (line) =>
      kind === "every line" || line.includes(`"kind":"${kind}"`) ? line.replace("{", "#") : line,
    );
    writeFileSync(path, damaged);
    const { exit } = await abort(world, id);
    expect([31, 41]).toContain(exit);
    expect([live(world, "weight"), live(world, "image")]).toEqual([0, "v1"]);
  },
);

test("a journal that is a pipe: everything may have been changed, and is put back before it is called so", async () => {
  const world = engineWorld();
  const { id, folder } = await underWay(world);
  const path = join(folder, "journal.1.ndjson");
  rmSync(path);
  execFileSync("mkfifo", [path]);
  const { exit } = await abort(world, id);
  expect([31, 41]).toContain(exit);
  expect([live(world, "weight"), live(world, "image")]).toEqual([0, "v1"]);
});

test("a journal and a bundle that both lost what was there before are never called restored", async () => {
  const world = engineWorld();
  const { id, folder } = await underWay(world);
  const path = join(folder, "journal.1.ndjson");
  const text = readFileSync(path, "utf8");
  writeFileSync(path, text.replace(/^.*"baseline-captured".*$/m, "#"));
  writeFileSync(join(folder, "rollback.json"), "not json");
  const { exit } = await abort(world, id);
  expect([40, 41]).toContain(exit);
});
