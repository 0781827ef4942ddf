import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";

import { expect, test } from "vitest";

import { folderForTest, runCanary, type Exit } from "../e2e/support/run-canary.ts";
import { BASELINE, worldForTest, type World } from "../e2e/support/world.ts";

const PLANS = resolve(import.meta.dirname, "../../plans");
const plans = readdirSync(PLANS).filter(
  (name) => name.endsWith(".yaml") && !name.endsWith(".policy.yaml"),
);

/** Runs a plan against a sandbox of its own, six times as fast as it says. */
function run({ folder, sandbox, evidence }: World, plan: string): Promise<Exit> {
  return runCanary(folder, [
    ...["start", join(PLANS, plan), "--sandbox", sandbox.url],
    ...["--time-scale", "1/6", "--evidence", evidence],
  ]);
}

test("there are plans to prove", () => {
  expect(plans).toEqual(expect.arrayContaining(["quickstart.yaml", "quickstart-bad.yaml"]));
});

test.for(plans)(
  "%s lints clean, can be looked at, and is promoted in a rehearsal",
  async (name) => {
    const folder = folderForTest();
    const path = join(PLANS, name);
    const [lint, plan, rehearse] = await Promise.all([
      runCanary(folder, ["lint", path]),
      runCanary(folder, ["plan", path]),
      runCanary(folder, ["rehearse", path]),
    ]);
    expect(lint).toMatchObject({ code: 0, stdout: `${path}: no problems\n` });
    expect(lint.stderr).toBe(
      `${path}: note: its way back was never drilled: canary drill ${path}\n`,
    );
    expect(plan).toMatchObject({ code: 0, stderr: "" });
    // What only the rollout or the caller of a playbook knows, and secrets, stand as they are written; all else is filled in.
    expect(plan.stdout).not.toMatch(/\$\{(?!(?:outputs|event)\.|params\.key\}|(?:env|file):)/u);
    expect(rehearse.code, rehearse.stdout + rehearse.stderr).toBe(0);
    expect(readdirSync(folder)).not.toContain("evidence");
  },
);

test("the scenario of an error spike ends a rehearsal of the quickstart rolled back", async () => {
  const rehearsal = await runCanary(folderForTest(), [
    ...["rehearse", join(PLANS, "quickstart.yaml")],
    ...["--scenario", join(PLANS, "scenarios/error-spike.yaml")],
  ]);
  expect(rehearsal.code, rehearsal.stdout).toBe(30);
  expect(rehearsal.stdout).toContain("TRIGGER canary is failing: error_rate = 35%");
});

test("the quickstart is promoted", async () => {
  const world = await worldForTest();
  const exit = await run(world, "quickstart.yaml");
  expect(exit.code, exit.stdout + exit.stderr).toBe(0);
  expect(exit.stdout).not.toContain("HELD");
  const state = await world.state();
  expect(state.traffic.canary).toBe(100);
  expect((await world.verify()).code).toBe(0);
});

test("the bad quickstart goes back to canary 0, and everything else to what it was", async () => {
  const world = await worldForTest();
  const exit = await run(world, "quickstart-bad.yaml");
  expect(exit.code, exit.stdout + exit.stderr).toBe(30);
  const state = await world.state();
  expect(state.traffic).toEqual(BASELINE.traffic);
  expect(state.deploys.canary).toEqual(BASELINE.canary);
  expect(state.writes.map(({ what, value }) => ({ what, value }))).toContainEqual({
    what: "router.canary",
    value: 50,
  });
  const knobs = await (await fetch(`${world.sandbox.url}/knobs`)).json();
  expect(knobs).toMatchObject({ canary: { errorRate: 0 } });
  expect((await world.verify()).code).toBe(0);
});
