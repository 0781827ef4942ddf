import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
} from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { eventually } from "../support/sandbox-client.ts";
import { block, filesIn } from "./support/blocked-files.ts";
import { folderForTest, runCanary } from "./support/run-canary.ts";
import { expectBaseline, untilShare, worldForTest, type World } from "./support/world.ts";

/** A rollout at 10 %, whose runner was killed. */
async function left(): Promise<{ readonly world: World; readonly id: string }> {
  const world = await worldForTest();
  // Long enough that a slow machine kills it at 10 %.
  const start = world.start("fast.yaml", ["--set", "soak=15s"]);
  await untilShare(world, 10);
  const id = await world.rolloutId();
  start.signal("SIGKILL");
  await start.exit;
  return { world, id };
}

const copyOf = (world: World, id: string): string =>
  join(world.folder, "state/bundles", `${id}.json`);

test.concurrent("with plan.json gone the bundle stands in: the abort restores everything and ends 31", async () => {
  const world = await worldForTest();
  const start = world.start("fast.yaml");
  await untilShare(world, 10);
  const id = await world.rolloutId();
  start.signal("SIGKILL");
  await start.exit;
  rmSync(join(world.evidence, id, "plan.json"));
  const abort = await world.abort([id]).exit;
  expect(abort.code, abort.stdout + abort.stderr).toBe(31);
  await expectBaseline(world);
});

test.concurrent("with nothing left to go by an abort says that it did nothing: 41, never that all is well", async () => {
  const world = await worldForTest();
  const start = world.start("fast.yaml");
  await untilShare(world, 10);
  const id = await world.rolloutId();
  start.signal("SIGKILL");
  await start.exit;
  for (const name of ["plan.json", "rollback.json"]) rmSync(join(world.evidence, id, name));
  rmSync(copyOf(world, id));
  const abort = await world.abort([id]).exit;
  expect(abort.code, abort.stdout + abort.stderr).toBe(41);
  expect(abort.stderr).toContain("NOT ABORTED");
  expect((await world.state()).traffic.canary).toBeGreaterThan(0);
});

test.concurrent("with the whole evidence gone the second copy of the bundle is found by the id, and also without one", async () => {
  for (const named of [true, false]) {
    const { world, id } = await left();
    expect(statSync(copyOf(world, id)).mode & 0o777).toBe(0o600);
    rmSync(world.evidence, { recursive: true });
    const started = named ? await world.start("fast.yaml").exit : null;
    expect(started?.code ?? 21, "nothing may start over what is not back").toBe(21);
    const status = await runCanary(world.folder, ["status", id]);
    expect(status.code).toBe(2);
    expect(status.stderr).toContain(`canary abort ${id} --evidence ${world.evidence} --reason`);
    const abort = await world.abort(named ? [id] : []).exit;
    expect(abort.code, abort.stdout + abort.stderr).toBe(31);
    expect(abort.stdout).toContain(copyOf(world, id));
    await expectBaseline(world);
    expect(existsSync(copyOf(world, id)), "it gave its targets back").toBe(false);
  }
});

test.concurrent("with plan.json and rollback.json cut in the middle the second copy stands in, and status says so", async () => {
  const { world, id } = await left();
  for (const name of ["plan.json", "rollback.json"])
    truncateSync(join(world.evidence, id, name), 100);
  const status = await runCanary(world.folder, ["status", id]);
  expect(status.code).toBe(2);
  expect(status.stderr).toMatch(/plan\.json .*is gone or cut[\s\S]*canary abort/u);
  const abort = await world.abort([id]).exit;
  expect(abort.code, abort.stdout + abort.stderr).toBe(31);
  await expectBaseline(world);
});

test.concurrent("with rollback.json gone the second copy stands in", async () => {
  const { world, id } = await left();
  rmSync(join(world.evidence, id, "rollback.json"));
  const abort = await world.abort([id]).exit;
  expect(abort.code, abort.stdout + abort.stderr).toBe(31);
  await expectBaseline(world);
});

test.concurrent("--all aborts what lost its evidence too", async () => {
  const { world, id } = await left();
  rmSync(world.evidence, { recursive: true });
  const reap = await runCanary(world.folder, ["reap"]);
  expect(reap.code, reap.stdout).toBe(41);
  expect(reap.stdout).toContain(`canary abort ${id} --reason`);
  const abort = await world.abort(["--all"]).exit;
  expect(abort.code, abort.stdout + abort.stderr).toBe(31);
  await expectBaseline(world);
});

test.concurrent("no copy stays behind a rollout that ended, and no working file in its evidence", async () => {
  const world = await worldForTest();
  const exit = await world.start("fast.yaml", ["--time-scale", "1/3"]).exit;
  expect(exit.code, exit.stdout).toBe(0);
  const id = await world.rolloutId();
  expect(existsSync(copyOf(world, id))).toBe(false);
  expect(readdirSync(join(world.evidence, id)).filter((name) => name.startsWith("."))).toEqual([]);
});

test.concurrent("a second abort goes on where one from a bundle was killed: never 31 over what is not back", async () => {
  const { world, id } = await left();
  const elsewhere = folderForTest();
  const bundle = join(elsewhere, "copy.json");
  copyFileSync(join(world.evidence, id, "rollback.json"), bundle);
  const evidence = join(elsewhere, "evidence");
  await world.knobs({ hangRouter: true, hangDeploy: true });
  const first = world.abort(["--bundle", bundle, "--evidence", evidence]);
  const journal = join(evidence, id, "journal.1001.ndjson");
  await eventually(() => Promise.resolve(existsSync(journal)), Boolean);
  first.signal("SIGKILL");
  await first.exit;
  await world.knobs({ hangRouter: false, hangDeploy: false });
  expect((await world.state()).traffic.canary).toBe(10);
  const second = await world.abort([id, "--evidence", evidence]).exit;
  expect(second.code, second.stdout + second.stderr).toBe(31);
  await expectBaseline(world);
});

test.concurrent("after an abort of a moved bundle the old folder says that it is over, and how to go on; a start goes on by itself", async () => {
  const { world, id } = await left();
  const elsewhere = folderForTest();
  const bundle = join(elsewhere, "moved.json");
  copyFileSync(join(world.evidence, id, "rollback.json"), bundle);
  const evidence = join(elsewhere, "kept here");
  const abort = await world.abort(["--bundle", bundle, "--evidence", evidence]).exit;
  expect(abort.code, abort.stdout + abort.stderr).toBe(31);
  expect(abort.stdout).toContain(`canary report ${id} --evidence '${evidence}'`);
  await expectBaseline(world);
  const status = await runCanary(world.folder, ["status", id, "--evidence", world.evidence]);
  expect(status.stdout).toMatch(/IT IS OVER: .*rolled-back \(exit 31\)/u);
  expect(status.stdout).toContain(`canary unlock ${id} --evidence ${world.evidence} --reason`);
  expect(await world.list()).toMatchObject([{ id, state: "rolled-back", exit: 31 }]);
  const again = await world.start("fast.yaml", ["--time-scale", "1/3"]).exit;
  expect(again.code, again.stdout + again.stderr).toBe(0);
  // The old folder's own abort now must not touch what the later rollout has.
  const late = await world.abort([id, "--evidence", world.evidence]).exit;
  expect(late.code, late.stdout + late.stderr).toBe(31);
  expect(late.stdout).toContain("it was rolled back elsewhere: nothing was written");
  expect((await world.state()).traffic.canary).toBe(100);
  // Nor when nothing of that end can be read any more: the claims on the targets say whose they are.
  for (const file of filesIn(evidence)) block(join(evidence, file));
  const blind = await world.abort([id, "--evidence", world.evidence]).exit;
  expect(blind.code, blind.stdout + blind.stderr).toBe(21);
  expect(blind.stdout).toMatch(/not read: whether[\s\S]*kept here[\s\S]*is no file/u);
  expect(blind.stdout).toContain("nothing was written (exit 21)");
  expect((await world.state()).traffic.canary).toBe(100);
});

test.concurrent("a runner that stands still while its bundle is aborted elsewhere writes nothing afterwards", async () => {
  const world = await worldForTest();
  const start = world.start("fast.yaml");
  const id = await world.rolloutId();
  await untilShare(world, 10);
  start.signal("SIGSTOP");
  const elsewhere = folderForTest();
  const bundle = join(elsewhere, "moved.json");
  copyFileSync(join(world.evidence, id, "rollback.json"), bundle);
  const evidence = join(elsewhere, "evidence");
  const aborted = await world.abort(["--bundle", bundle, "--evidence", evidence]).exit;
  expect(aborted.code, aborted.stdout + aborted.stderr).toBe(31);
  const { length } = (await world.state()).writes;
  start.signal("SIGCONT");
  expect((await start.exit).signal, "the abort ends what stands still").toBe("SIGKILL");
  expect((await world.state()).writes).toHaveLength(length);
  const late = await world.abort([id, "--evidence", world.evidence]).exit;
  expect(late.code, late.stdout + late.stderr).toBe(31);
  await expectBaseline(world);
});

test.concurrent("a bundle that was moved is journalled where its rollout is known, else in evidence/ of the working folder", async () => {
  const { world, id } = await left();
  const elsewhere = folderForTest();
  const bundle = join(elsewhere, "deep", "moved.json");
  mkdirSync(join(elsewhere, "deep"));
  copyFileSync(join(world.evidence, id, "rollback.json"), bundle);
  const stranger = join(elsewhere, "work");
  mkdirSync(stranger);
  const abort = await runCanary(world.folder, ["abort", "--bundle", bundle, "--reason", "x"], {
    cwd: stranger,
    env: { CANARY_STATE_DIR: join(elsewhere, "state") },
  });
  // The runner is dead here, so that nothing of it can land later.
  expect(abort.code, abort.stdout + abort.stderr).toBe(31);
  expect(readdirSync(stranger)).toEqual(["evidence"]);
  expect(readdirSync(elsewhere).toSorted()).toEqual(["deep", "state", "work"]);
  const known = await world.abort(["--bundle", bundle]).exit;
  expect(known.code, known.stdout + known.stderr).toBe(31);
  expect(existsSync(join(world.evidence, id, "journal.2.ndjson"))).toBe(true);
});

test.concurrent("unlock of a rollout whose plan.json is gone works from its bundle; with nothing left it says what to do", async () => {
  const { world, id } = await left();
  rmSync(join(world.evidence, id, "plan.json"));
  const unlocked = await runCanary(world.folder, ["unlock", id, "--reason", "by hand"]);
  expect(unlocked.code, unlocked.stdout + unlocked.stderr).toBe(42);
  for (const name of ["plan.json", "rollback.json"]) rmSync(join(world.evidence, id, name));
  rmSync(copyOf(world, id));
  const lost = await runCanary(world.folder, ["unlock", id, "--reason", "by hand"]);
  expect(lost.code).toBe(2);
  expect(lost.stderr).toMatch(/plan\.json .*is gone[\s\S]*canary abort --bundle FILE/u);
  expect(lost.stderr).not.toMatch(/ {2}at |bug/u);
});

test.concurrent("unlock of a rollout whose evidence is gone frees what it held", async () => {
  const { world, id } = await left();
  rmSync(world.evidence, { recursive: true });
  const unlocked = await runCanary(world.folder, ["unlock", id, "--reason", "by hand"]);
  expect(unlocked.code, unlocked.stdout + unlocked.stderr).toBe(42);
  expect((await world.state()).traffic.canary).toBe(10);
  expect((await world.abort([]).exit).stderr).toContain("no rollout is active");
});
