import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { expect, test } from "vitest";

import { runCanary, type Exit } from "./support/run-canary.ts";
import { expectBaseline, worldForTest, type World } from "./support/world.ts";

const FAST = resolve(import.meta.dirname, "plans/fast.yaml");

interface Drilling {
  readonly world: World;
  readonly plan: string;
  readonly records: string;
  readonly drill: (...args: string[]) => Promise<Exit>;
  readonly lint: (env?: Record<string, string>) => Promise<Exit>;
}

/** A world with a plan of its own, so that what is written beside it goes with the test. */
async function drilling(change = (text: string): string => text): Promise<Drilling> {
  const world = await worldForTest();
  const plan = join(world.folder, "fast.yaml");
  writeFileSync(plan, change(readFileSync(FAST, "utf8")));
  return {
    world,
    plan,
    records: join(world.folder, "fast.drills.json"),
    drill: (...args) =>
      runCanary(world.folder, ["drill", plan, "--sandbox", world.sandbox.url, ...args]),
    lint: (env = {}) => runCanary(world.folder, ["lint", plan], { env }),
  };
}

test("a drill rolls out to the smallest stage, aborts for real, and lint and plan know it from then on", async () => {
  const { world, plan, records, drill, lint } = await drilling();
  const before = await lint();
  expect(before).toMatchObject({ code: 0, stdout: `${plan}: no problems\n` });
  expect(before.stderr).toBe(
    `${plan}: note: its way back was never drilled: canary drill ${plan}\n`,
  );
  const { code, stdout, stderr } = await drill("--by", "ana");
  expect(code, stdout + stderr).toBe(0);
  expect(stderr).toMatch(/drilled: from `canary abort` to every value read back it took [\d.]+ s/u);
  expect(stderr).toContain(`written down in ${records}: commit it`);
  await expectBaseline(world);
  const { writes } = await world.state();
  const shares = writes.filter(({ what }) => what === "router.canary").map(({ value }) => value);
  expect([...new Set(shares)], "the smallest stage, and back").toEqual([10, 0]);
  expect((await world.list())[0]).toMatchObject({ state: "rolled-back", exit: 31 });
  expect((await world.verify()).code).toBe(0);

  const { drills } = JSON.parse(readFileSync(records, "utf8")) as {
    readonly drills: readonly Record<string, unknown>[];
  };
  expect(drills).toMatchObject([
    { by: "ana", wayBack: expect.stringMatching(/^[\da-f]{64}$/u) as string },
  ]);
  const note = /its way back was drilled \d{4}-\d\d-\d\d by ana: everything back in [\d.]+ s/u;
  expect((await lint()).stderr).toMatch(note);
  // What was committed with the plan is enough on another machine.
  expect((await lint({ CANARY_STATE_DIR: join(world.folder, "other") })).stderr).toMatch(note);
  const shown = await runCanary(world.folder, ["plan", plan]);
  expect(shown.stdout).toMatch(note);
  // Another image, share, soak or gate leaves the way back as it was; another undo does not.
  const text = readFileSync(plan, "utf8");
  writeFileSync(
    plan,
    text.replace("10%", "12%").replace("shop:1.1.0", "shop:1.2.0").replace("< 5%", "< 4%"),
  );
  expect((await lint()).stderr).toMatch(note);
  writeFileSync(plan, text.replace("json: image }", "json: image, type: string }"));
  expect((await lint()).stderr).toMatch(/as it is now, was never drilled \(another one was/u);
});

test("a drill whose way back fails says so, keeps the exit code, and writes nothing down", async () => {
  const { world, records, drill } = await drilling((text) =>
    text.replace("within: 20s\n", "within: 3s\n"),
  );
  const drilled = drill();
  await world.rolloutId();
  // The verification of the way back never turns green.
  await world.knobs({ stable: { errorRate: 1 } });
  const { code, stdout, stderr } = await drilled;
  expect(code, stdout + stderr).not.toBe(0);
  expect(stderr).toMatch(/NOT DRILLED|THE DRILL FAILED/u);
  expect(existsSync(records)).toBe(false);
});

test("a plan whose smallest stage has a point of no return, or that is refused, is not drilled", async () => {
  const { world, records, drill } = await drilling((text) =>
    text.replace(
      "    traffic: 10%\n",
      "      - run: [mail, all]\n        reversible: false\n    traffic: 10%\n",
    ),
  );
  const never = await drill();
  expect(never.code).toBe(2);
  expect(never.stderr).toMatch(/point of no return in the smallest stage[\s\S]*shadow/u);
  expect((await world.state()).writes).toEqual([]);
  const held = await drilling();
  await held.world.knobs({ deployStatus: 503 });
  const refused = await held.drill();
  expect(refused.code, refused.stdout).toBe(20);
  expect(refused.stderr).toContain("NOT DRILLED (exit 20)");
  expect(existsSync(records) || existsSync(held.records)).toBe(false);
});

test("lint with a record that is none says that nothing was drilled", async () => {
  const { records, lint } = await drilling();
  for (const text of ["", "{", '{"drills":[1,{"wayBack":2}]}', '{"drills":{}}']) {
    writeFileSync(records, text);
    const { code, stderr } = await lint();
    expect(code, stderr).toBe(0);
    expect(stderr).toContain("was never drilled");
  }
});

test("a plan that asks for a drill starts only after one, and its rollout keeps what was known of drills", async () => {
  const { world, plan, drill } = await drilling((text) =>
    text.replace("\nstages:", "\npreflight: [{ name: tested, drill: 30d }]\n\nstages:"),
  );
  expect(readFileSync(plan, "utf8")).toContain("drill: 30d");
  const refused = await runCanary(world.folder, [
    ...["start", plan, "--sandbox", world.sandbox.url, "--evidence", world.evidence],
  ]);
  expect(refused.code, refused.stdout + refused.stderr).toBe(20);
  expect(refused.stdout + refused.stderr).toContain("tested: the way back was never drilled");
  const [rollout] = await world.list();
  const kept = readFileSync(join(world.evidence, rollout?.id ?? "", "drills.json"), "utf8");
  expect(JSON.parse(kept)).toMatchObject({ v: 1, drills: [] });

  const drilled = await drill("--by", "ana");
  expect(drilled.code, drilled.stdout + drilled.stderr).toBe(0);
  const doctor = ["doctor", plan, "--sandbox", world.sandbox.url];
  const well = await runCanary(world.folder, doctor);
  expect(well.code, well.stdout + well.stderr).toBe(0);
  // A way back that has changed since is another one.
  const text = readFileSync(plan, "utf8");
  writeFileSync(plan, text.replace("json: image }", "json: image, type: string }"));
  const changed = await runCanary(world.folder, doctor);
  expect(changed.code, changed.stdout + changed.stderr).toBe(20);
  expect(changed.stdout).toContain("the way back, as it is now, was never drilled");
});
