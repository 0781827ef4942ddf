import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { eventually } from "../support/sandbox-client.ts";
import { colleague, policyFor, type Colleague } from "./support/people.ts";
import { runCanary } from "./support/run-canary.ts";
import { untilShare, worldForTest, type World } from "./support/world.ts";

const STRICT = `tiers:
  normal: { checks: [ci, compliance], approvals: { council: 2 } }
checks:
  ci: { run: ["true"] }
  compliance: { confirm: compliance review complete, by: steward }`;
const FREE = "tiers: { normal: {} }";

/** Waits until the journal of the rollout holds an event like this one. */
async function untilEvent(world: World, text: string): Promise<string> {
  const id = await world.rolloutId();
  const path = join(world.evidence, id, "journal.1.ndjson");
  await eventually(
    () => Promise.resolve(readFileSync(path, "utf8")),
    (journal) => journal.includes(text),
  );
  return id;
}

/** Gives a confirmation before the start, as this person. */
function confirm(who: Colleague, world: World, name: string, ...more: readonly string[]) {
  return who.run(
    ...["confirm", name, "--plan", join(import.meta.dirname, "plans/governed.yaml")],
    ...["--sandbox", world.sandbox.url, "--policy", join(world.folder, "policy.yaml")],
    ...["--reason", "looked at it", ...more],
  );
}

test.concurrent("what the policy asks for is refused with 22 all at once, given by signature, and bound to the plan", async () => {
  const world = await worldForTest();
  const { path, ana, bo, cy, eve } = await policyFor(world, STRICT);
  const bare = await world.start("governed.yaml", ["--policy", path]).exit;
  expect(bare.code, bare.stderr).toBe(22);
  expect(bare.stdout + bare.stderr).toContain("2 more of council");
  expect(bare.stdout + bare.stderr).toContain("compliance review complete");
  expect(await world.list()).toEqual([]);

  const stranger = await confirm(eve, world, "approval-council");
  expect(stranger.code).toBe(2);
  expect(stranger.stderr).toContain(eve.key);
  for (const [who, name] of [
    [ana, "approval-council"],
    [bo, "approval-council"],
    [cy, "compliance"],
  ] as const) {
    const given = await confirm(who, world, name);
    expect(given.code, given.stderr).toBe(0);
    expect(given.stderr).toContain(`${who.name} says yes to ${name}`);
  }
  const other = await world.start("governed.yaml", ["--policy", path, "--set", "image=shop:6.6"])
    .exit;
  expect(other.code, other.stderr).toBe(22);
  expect(other.stdout + other.stderr).toContain("a changed plan needs a new word");
  expect((await world.state()).writes).toEqual([]);

  const start = world.start("governed.yaml", ["--policy", path]);
  const id = await untilEvent(world, '"kind":"waiting"');
  const words = await Promise.all([
    cy.run("confirm", id, "go", "--evidence", world.evidence),
    eve.run("confirm", id, "go", "--evidence", world.evidence),
    eve.run("promote", id, "--by", "ana", "--evidence", world.evidence),
  ]);
  expect(words.map(({ code }) => code)).toEqual([2, 2, 2]);
  expect(words[0].stderr).toContain("cy is steward, and this is for council");
  const first = await ana.run("confirm", id, "go", "--evidence", world.evidence);
  expect(first.stderr).toContain("needed: 1 more of council");
  expect((await world.state()).traffic.canary).toBe(10);
  await bo.run("promote", id, "--evidence", world.evidence);
  const exit = await start.exit;
  expect(exit.code, exit.stdout + exit.stderr).toBe(0);
  expect(readdirSync(join(world.evidence, id))).toContain("policy.yaml");
  const verified = await world.verify();
  expect(verified.code, verified.text).toBe(0);
  for (const signed of ["ana: confirm approval-council", "ana: confirm go", "bo: promote"])
    expect(verified.text).toContain(`word signed by ${signed}`);
});

test.concurrent("a word that was put into the inbox by hand counts for nobody", async () => {
  const world = await worldForTest();
  const { path, ana } = await policyFor(world, FREE);
  const start = world.start("governed.yaml", ["--policy", path]);
  const id = await untilEvent(world, '"kind":"waiting"');
  const { createFileStore } = await import("../../src/store/file-store.ts");
  const store = createFileStore(world.evidence);
  const lie = {
    ...{ kind: "promote", by: "ana", reason: "", check: null, yes: true, stage: null, hold: null },
    authority: { person: "ana", roles: ["council"] },
  };
  await store.post(id, JSON.stringify(lie));
  await untilEvent(world, '"kind":"word-refused"');
  const no = await ana.run("confirm", id, "go", "--no", "--evidence", world.evidence);
  expect(no.code, no.stderr).toBe(0);
  const exit = await start.exit;
  expect(exit.code, exit.stdout + exit.stderr).toBe(30);
  expect((await world.state()).traffic.canary).toBe(0);
});

test.concurrent("two of the council let a stage pass without a gate, with a reason, and the journal says so", async () => {
  const world = await worldForTest();
  const { path, ana, bo, cy } = await policyFor(world, FREE);
  const start = world.start("governed.yaml", ["--policy", path, "--set", "limit=1ms"]);
  await untilShare(world, 10);
  const id = await untilEvent(world, '"outcome":"fail"');
  const override = (who: Colleague, ...more: readonly string[]) =>
    who.run("override", id, "p95 < 1ms", "--evidence", world.evidence, ...more);
  const bare = await override(ana);
  expect([bare.code, bare.stderr]).toEqual([2, expect.stringContaining("--reason")]);
  const reason = ["--reason", "a known outlier"];
  expect((await override(cy, ...reason)).stderr).toContain("this is for council");
  expect((await override(ana, ...reason)).stderr).toContain("needed: 1 more of council");
  expect((await override(bo, ...reason)).code).toBe(0);
  await untilEvent(world, '"kind":"waiting"');
  for (const who of [ana, bo]) await who.run("promote", id, "--evidence", world.evidence);
  const exit = await start.exit;
  expect(exit.code, exit.stdout + exit.stderr).toBe(0);
  expect(exit.stdout + exit.stderr).toContain("GATE OVERRIDDEN by ana, bo");
});

test.concurrent("a start that waits for words takes them, and an abort of anybody ends the waiting", async () => {
  const world = await worldForTest();
  const { path, ana, cy } = await policyFor(world, STRICT);
  const start = world.start("governed.yaml", ["--policy", path, "--wait-for-words"]);
  const id = await world.rolloutId();
  const given = await cy.run("confirm", id, "compliance", "--evidence", world.evidence);
  expect(given.code, given.stderr).toBe(0);
  const half = await ana.run("confirm", id, "approval-council", "--evidence", world.evidence);
  expect(half.stderr).toContain("1 more of council");
  const eve = await colleague(world, "eve");
  const abort = await eve.run(
    ...["abort", id, "--evidence", world.evidence, "--reason", "no", "--by", "eve"],
  );
  expect(abort.code, abort.stderr).toBe(31);
  expect((await start.exit).code).toBe(31);
  expect((await world.state()).writes).toEqual([]);
});

test.concurrent("a freeze, a policy with mistakes and one that is not there let nothing start", async () => {
  const world = await worldForTest();
  const frozen = `${FREE}\nfreeze: [{ name: for ever, from: 2020-01-01, to: 2200-01-01 }]`;
  const { path } = await policyFor(world, frozen);
  const freeze = await world.start("governed.yaml", ["--policy", path]).exit;
  expect(freeze.code, freeze.stderr).toBe(22);
  expect(freeze.stdout + freeze.stderr).toContain("for ever");
  await policyFor(world, "tiers: { normal: { aprovals: { council: 2 } } }");
  const broken = await world.start("governed.yaml", ["--policy", path]).exit;
  expect(broken.code).toBe(2);
  expect(broken.stderr).toContain("did you mean approvals?");
  const none = await world.start("governed.yaml", ["--policy", `${path}.gone`]).exit;
  expect(none.code).toBe(2);
  expect((await world.state()).writes).toEqual([]);
});

test.concurrent("an abort is never refused: by an outsider it rolls back first, and leaves a look at it and the tasks of the policy", async () => {
  const world = await worldForTest();
  const tasks = "tasks: { rca: { task: root cause analysis, by: steward, within: 1ms } }";
  const { path, ana, cy } = await policyFor(world, `${FREE}\n${tasks}`);
  const start = world.start("governed.yaml", ["--policy", path]);
  const id = await untilEvent(world, '"kind":"waiting"');
  const where = ["--evidence", world.evidence];
  const abort = await world.abort([id, ...where, "--by", "eve", "--break-glass"]).exit;
  expect(abort.code, abort.stderr).toBe(31);
  const said = abort.stdout + abort.stderr;
  expect(said).toContain("THE GLASS IS BROKEN by eve");
  expect(said.indexOf("rolled back after the abort")).toBeLessThan(said.indexOf("owed now"));
  expect((await start.exit).code).toBe(31);

  const again = await world.start("governed.yaml", ["--policy", path]).exit;
  expect(again.code, again.stderr).toBe(22);
  expect(again.stdout + again.stderr).toContain("still owes root cause analysis");
  const listed = await cy.run("tasks", id, "--json", ...where);
  expect(JSON.parse(listed.stdout)).toMatchObject([
    { name: "rca", overdue: true, done: null },
    { name: "break-glass", overdue: false, done: null },
  ]);
  const wrong = await ana.run("confirm", id, "rca", ...where);
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining("ana is not steward")]);
  const right = await cy.run("confirm", id, "rca", "--reason", "wiki/12", ...where);
  expect(right.code, right.stderr).toBe(0);
  expect((await ana.run("confirm", id, "break-glass", ...where)).code).toBe(0);
  expect((await cy.run("tasks", ...where)).stdout).toBe("nothing is owed\n");
  const verified = await world.verify();
  expect(verified.code, verified.text).toBe(0);
});

test.concurrent("doctor asks the policy too: 22 where only it says no, and it changes nothing", async () => {
  const world = await worldForTest();
  const { path } = await policyFor(world, STRICT);
  const plan = join(import.meta.dirname, "plans/governed.yaml");
  const exit = await runCanary(world.folder, [
    ...["doctor", plan, "--sandbox", world.sandbox.url, "--policy", path],
  ]);
  expect(exit.code, exit.stdout + exit.stderr).toBe(22);
  expect(exit.stdout).toContain("NOT WELL: policy");
  expect(exit.stdout).toContain("2 more of council");
  expect((await world.state()).writes).toEqual([]);
});

test.concurrent("what a tier asks of the plan itself is refused all at once, each with what to write", async () => {
  const world = await worldForTest();
  const { path } = await policyFor(
    world,
    `tiers: { normal: { soak: 10m, monitor: 4h, firstShare: 1%, stages: 5, notice: 24h } }
allow: { hosts: [example.com], contexts: [], binaries: [] }`,
  );
  const exit = await world.start("governed.yaml", ["--policy", path, "--set", "tier=normal"]).exit;
  expect(exit.code, exit.stderr).toBe(22);
  const said = exit.stdout + exit.stderr;
  for (const text of [
    "stage pilot soaks for 2s, and tier normal asks for 10m",
    "the plan soaks for 2s at 100 %, and tier normal asks for 4h",
    "begins with 10 %, and tier normal allows 1 %",
    "the plan has 2 stages, and tier normal asks for 5",
    "announced: MESSAGE, ahead: 1d",
    "the plan uses the host 127.0.0.1, which the policy does not allow",
  ])
    expect(said).toContain(text);
  const other = await world.start("governed.yaml", ["--policy", path, "--set", "tier=x"]).exit;
  expect(other.stdout + other.stderr).toContain("the plan is of tier x");
  expect((await world.state()).writes).toEqual([]);
});

test.concurrent("after a trigger only who the policy names resumes, by signature", async () => {
  const world = await worldForTest();
  const { path, ana, bo, cy } = await policyFor(world, FREE);
  const where = ["--evidence", world.evidence];
  const start = world.start("governed.yaml", ["--policy", path, "--set", "limit=2s"]);
  await untilShare(world, 10);
  await world.knobs({ canary: { latencyMs: 900 } });
  const id = await untilEvent(world, '"kind":"trigger"');
  const wrong = await ana.run("resume", id, ...where);
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining("this is for steward")]);
  await world.knobs({ canary: { latencyMs: 20 } });
  // What was slow is still in the window for a moment: it would hold again.
  await eventually(
    async () => (await cy.run("resume", id, ...where)).code,
    () => readFileSync(join(world.evidence, id, "journal.1.ndjson"), "utf8").includes('"waiting"'),
  );
  for (const who of [ana, bo]) await who.run("promote", id, ...where);
  const exit = await start.exit;
  expect(exit.code, exit.stdout + exit.stderr).toBe(0);
});

test.concurrent("a drill is let through by the same words, waits for none of them again, and owes nothing", async () => {
  const world = await worldForTest();
  const tasks = "tasks: { rca: { task: root cause analysis, by: steward, within: 1ms } }";
  const { path, cy } = await policyFor(
    world,
    `tiers: { normal: { checks: [compliance] } }
checks: { compliance: { confirm: compliance review complete, by: steward } }
${tasks}`,
  );
  const plan = join(world.folder, "governed.yaml");
  writeFileSync(plan, readFileSync(join(import.meta.dirname, "plans/governed.yaml"), "utf8"));
  const about = ["--sandbox", world.sandbox.url, "--policy", path];
  const drill = () => runCanary(world.folder, ["drill", plan, ...about]);
  expect((await drill()).code).toBe(22);
  expect((await world.state()).writes).toEqual([]);
  const given = await cy.run("confirm", "compliance", "--plan", plan, ...about);
  expect(given.code, given.stderr).toBe(0);
  const drilled = await drill();
  expect(drilled.code, drilled.stderr).toBe(0);
  expect((await world.state()).traffic.canary).toBe(0);
  expect((await runCanary(world.folder, ["tasks"])).stdout).toBe("nothing is owed\n");
});

test.concurrent("a rollout is halted where it is only by the words that the policy asks for", async () => {
  const world = await worldForTest();
  const { path, ana, cy } = await policyFor(world, FREE);
  const where = ["--evidence", world.evidence];
  const start = world.start("governed.yaml", ["--policy", path]);
  const id = await untilEvent(world, '"kind":"waiting"');
  const unlock = () => runCanary(world.folder, ["unlock", id, ...where, "--reason", "by hand"]);
  const refused = await unlock();
  expect([refused.code, refused.stderr]).toEqual([
    22,
    expect.stringContaining("1 more of council"),
  ]);
  for (const who of [ana, cy]) {
    const given = await who.run("confirm", id, "unlock", ...where);
    expect(given.code, given.stderr).toBe(0);
  }
  expect((await unlock()).code).toBe(42);
  expect((await start.exit).code).toBe(42);
  expect((await world.state()).traffic.canary).toBe(10);
});
