import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, it, onTestFinished } from "vitest";

import { folderForTest, runCanary } from "../../e2e/support/run-canary.ts";
import { startRestWorld } from "../../support/rest-world.ts";

/** A flag whose share has a companion that is on already, as an `enabled` beside a percentage. */
async function start(live: { readonly enabled: boolean; readonly percentage: number }) {
  const world = await startRestWorld();
  onTestFinished(() => world[Symbol.asyncDispose]());
  world.things.set("/flags/checkout", { ...live });
  const folder = folderForTest();
  const plan = `apiVersion: canary/v1
kind: Plan
name: companions
connections: { flags: { type: http, url: "${world.url}" } }
checks: { fine: { run: ["true"] } }
traffic:
  - flag:
      set: { PUT: /flags/checkout, json: { enabled: true, percentage: "\${traffic}" } }
      read: { GET: /flags/checkout, json: [percentage, enabled] }
stages: [{ name: few, traffic: 5%, gates: [fine passes] }, { name: all, traffic: 100%, gates: [fine passes] }]
rollback: { verify: { checks: [fine], within: 10s } }
`;
  const path = join(folder, "plan.yaml");
  await writeFile(path, plan);
  const exit = await runCanary(folder, ["start", path, "--evidence", join(folder, "evidence")]);
  return { exit, flag: world.things.get("/flags/checkout") };
}

it("ramps a flag that is on already, and takes only a share that is live for one", async () => {
  const ramped = await start({ enabled: true, percentage: 0 });
  expect(ramped.exit.code, ramped.exit.stdout + ramped.exit.stderr).toBe(0);
  expect(ramped.flag).toEqual({ enabled: true, percentage: 100 });
  const live = await start({ enabled: true, percentage: 5 });
  expect(live.exit.code).toBe(20);
  expect(live.exit.stdout + live.exit.stderr).toContain("already 5");
  expect(live.flag).toEqual({ enabled: true, percentage: 5 });
});
