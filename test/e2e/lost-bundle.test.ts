import { rmSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { untilShare, worldForTest } from "./support/world.ts";

test.each([10, 100])(
  "with only the bundle gone at %i %% an abort takes traffic to 0 from the plan alone, and names what is not restored: 40",
  async (share) => {
    const world = await worldForTest();
    const start = world.start("fast.yaml", ["--set", "soak=2s"]);
    await untilShare(world, share);
    const id = await world.rolloutId();
    start.signal("SIGKILL");
    await start.exit;
    rmSync(join(world.evidence, id, "rollback.json"));
    rmSync(join(world.folder, "state/bundles"), { recursive: true, force: true });
    const abort = await world.abort([id]).exit;
    expect(abort.code, abort.stdout + abort.stderr).toBe(40);
    const { traffic, deploys } = await world.state();
    expect(traffic).toEqual({ stable: 100, canary: 0 });
    expect(deploys.canary.image).toBe("shop:1.1.0");
    expect(abort.stdout).toContain("switched off (0) and read back");
    expect(abort.stdout).toContain('left as it is, "shop:1.1.0"');
    expect(abort.stdout).toContain("rollback.json is gone or was changed");
  },
);

test("with neither store nor evidence nor bundle the plan alone takes traffic to 0, and names the rest: 40", async () => {
  const world = await worldForTest();
  const start = world.start("fast.yaml");
  await untilShare(world, 10);
  const id = await world.rolloutId();
  start.signal("SIGKILL");
  await start.exit;
  for (const folder of [world.evidence, join(world.folder, "state")])
    rmSync(folder, { recursive: true, force: true });
  const plan = ["--plan", join(import.meta.dirname, "plans/fast.yaml")];
  const abort = await world.abort([id, ...plan, "--sandbox", world.sandbox.url]).exit;
  expect(abort.code, abort.stdout + abort.stderr).toBe(40);
  const { traffic, deploys } = await world.state();
  expect(traffic).toEqual({ stable: 100, canary: 0 });
  expect(deploys.canary.image).toBe("shop:1.1.0");
  expect(abort.stdout).toContain("switched off (0) and read back");
  expect(abort.stdout).toContain('left as it is, "shop:1.1.0"');
  expect(abort.stdout).toContain("its own journal knows nothing of this");
  // Whoever does it again gets the same answer, and without the id too.
  const again = await world.abort([...plan, "--sandbox", world.sandbox.url]).exit;
  expect(again.code, again.stdout + again.stderr).toBe(40);
  const cut = await world.abort(["01m7", ...plan]).exit;
  expect([cut.code, cut.stderr]).toEqual([2, expect.stringContaining("not the whole id")]);
});
