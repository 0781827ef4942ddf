import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { expect, test } from "vitest";

import { startCanary } from "../e2e/support/run-canary.ts";
import { expectBaseline, untilShare, worldForTest, type World } from "../e2e/support/world.ts";
import { eventually } from "../support/sandbox-client.ts";
import { CANARY, FAST, onTerminal, run, startLine, type Shell } from "./support/terminal.ts";

const CTRL_C = "\u0003";

/** Without a shell between: one that got the Ctrl-C too would end with a code of its own. */
const execLine = (world: World, rest: string): string => `exec ${startLine(world, rest)}`;

/** A rollout at 10 % on a terminal of its own, with a soak that leaves time to press keys. */
async function onTheWay(): Promise<{ readonly world: World; readonly shell: Shell }> {
  const world = await worldForTest();
  const shell = onTerminal(execLine(world, "--time-scale 1/3 --set soak=18s"), world.folder);
  await untilShare(world, 10);
  return { world, shell };
}

test.concurrent("Ctrl-C asks; r rolls back and ends 31", async () => {
  const { world, shell } = await onTheWay();
  shell.type(CTRL_C);
  await shell.shows(
    /What now\?[\s\S]*r {2}roll back[\s\S]*d {2}is not possible yet[\s\S]*c {2}go on/u,
  );
  shell.type("r\n");
  const { code, text } = await shell.done;
  expect(code, text).toBe(31);
  await expectBaseline(world);
});

test.concurrent("Ctrl-C asks; nothing moves meanwhile; c goes on, and the next Ctrl-C asks again", async () => {
  const world = await worldForTest();
  const shell = onTerminal(execLine(world, "--time-scale 1/3 --set soak=6s"), world.folder);
  await untilShare(world, 10);
  shell.type(CTRL_C);
  await shell.shows(/What now\?/u);
  await shell.shows(/HELD/iu);
  shell.type("what\n");
  await shell.shows(/"what" is none of r, d and c/u);
  // Longer than the soak: without the hold the next stage would be there.
  await sleep(3500);
  expect((await world.state()).traffic.canary).toBe(10);
  shell.type("c\n");
  await untilShare(world, 50);
  shell.type(CTRL_C);
  await eventually(
    () => Promise.resolve(shell.text()),
    (text) => text.split("What now?").length === 3,
  );
  shell.type("r\n");
  const { code, text } = await shell.done;
  expect(code, text).toBe(31);
  expect((await world.verify()).code).toBe(0);
});

test.concurrent("a command that an action runs does not get the terminal's Ctrl-C: it ends as if nothing had been", async () => {
  const world = await worldForTest();
  const said = join(world.folder, "said");
  const child = join(world.folder, "child.sh");
  const plan = join(world.folder, "child.yaml");
  writeFileSync(
    child,
    `trap 'echo interrupted >> ${said}; exit 1' INT\necho began >> ${said}\nsleep 2\necho done >> ${said}\n`,
  );
  const action = `      - run: [bash, ${child}]\n        undo: none\n    traffic: 10%\n`;
  writeFileSync(plan, readFileSync(FAST, "utf8").replace("    traffic: 10%\n", action));
  const line = execLine(world, "--time-scale 1/3 --set soak=18s").replace(FAST, plan);
  const shell = onTerminal(line, world.folder);
  const told = (): string => (existsSync(said) ? readFileSync(said, "utf8") : "");
  await eventually(
    () => Promise.resolve(told()),
    (text) => text.includes("began"),
  );
  shell.type(CTRL_C);
  await shell.shows(/What now\?/u);
  shell.type("c\n");
  await untilShare(world, 10);
  expect(told()).toBe("began\ndone\n");
  expect((await world.abort().exit).code).toBe(31);
  expect((await shell.done).code).toBe(31);
});

test.concurrent("a second Ctrl-C leaves at once with 130, and says how to go back", async () => {
  const { world, shell } = await onTheWay();
  shell.type(CTRL_C);
  await shell.shows(/What now\?/u);
  shell.type(CTRL_C);
  const { code, text } = await shell.done;
  expect(code, text).toBe(130);
  expect(text).toMatch(/left at once[\s\S]*canary abort/u);
  expect((await world.state()).traffic.canary).toBe(10);
  expect((await world.abort().exit).code).toBe(31);
});

test.concurrent("while a guard watches, d detaches with 33 and the guard goes on", async () => {
  const { world, shell } = await onTheWay();
  const guard = startCanary(world.folder, ["guard", "--evidence", world.evidence]);
  shell.type(CTRL_C);
  await shell.shows(/What now\?/u);
  // The runner believes in a guard when it saw its heartbeat move: asked for too early it says so, and asks on.
  const detaching = setInterval(() => shell.type("d\n"), 400);
  const { code, text } = await shell.done;
  clearInterval(detaching);
  expect(code, text).toBe(33);
  await eventually(
    () => Promise.resolve(guard.stdout() + guard.stderr()),
    (said) => /taken over, exit 30/u.test(said),
  );
  await expectBaseline(world);
});

test.concurrent("an abort from elsewhere beats the question", async () => {
  const { world, shell } = await onTheWay();
  shell.type(CTRL_C);
  await shell.shows(/What now\?/u);
  expect((await world.abort().exit).code).toBe(31);
  const { code, text } = await shell.done;
  expect(code, text).toBe(31);
  await expectBaseline(world);
});

test.concurrent("a terminal that is closed rolls back, also when it hangs up twice", async () => {
  const { world, shell } = await onTheWay();
  const id = await world.rolloutId();
  const { owner } = (
    JSON.parse(
      readFileSync(join(world.evidence, id, "journal.1.ndjson"), "utf8").split("\n", 1)[0] ?? "",
    ) as {
      readonly event: { readonly owner: { readonly pid: number } };
    }
  ).event;
  shell.signal("SIGKILL");
  process.kill(owner.pid, "SIGHUP");
  await eventually(world.list, ([rollout]) => rollout?.exit === 31);
  await expectBaseline(world);
  expect((await world.verify()).code).toBe(0);
});

test.concurrent("in a background job Ctrl-C's signal asks nobody: it rolls back instead of being stopped by its terminal", async () => {
  const world = await worldForTest();
  const line = `set -m; ${startLine(world, "--time-scale 1/3 --set soak=18s")} & pid=$!; echo "pid $pid"; wait $pid; echo "ended $?"`;
  const script = join(world.folder, "job.sh");
  writeFileSync(script, line);
  const shell = onTerminal(`bash ${script}`, world.folder);
  await untilShare(world, 10);
  const pid = Number(/pid (\d+)/u.exec(shell.text())?.[1]);
  process.kill(pid, "SIGINT");
  await shell.shows(/ended 31/u);
  expect(shell.text()).not.toContain("What now?");
  await expectBaseline(world);
});

test.concurrent("CI cancels with SIGINT and then SIGTERM: the second leaves with 130, and the step that always runs puts things back", async () => {
  const world = await worldForTest();
  const job = run(
    ["bash", "-c", `exec ${startLine(world, "--time-scale 1/3 --set soak=18s")}`],
    world.folder,
  );
  await untilShare(world, 10);
  await world.knobs({ hangRouter: true });
  job.signal("SIGINT");
  await job.shows(/interrupted by/u);
  job.signal("SIGTERM");
  const { code, text } = await job.done;
  expect(code, text).toBe(130);
  await world.knobs({ hangRouter: false });
  const reap = run(["bash", "-c", `${CANARY} reap --evidence ${world.evidence}`], world.folder);
  expect((await reap.done).code).toBe(31);
  await expectBaseline(world);
});

test.concurrent("a terminal that nobody reads stops neither the heartbeat nor the watch for an abort", async () => {
  const { world, shell } = await onTheWay();
  const id = await world.rolloutId();
  shell.signal("SIGSTOP");
  const beat = (): string => readFileSync(join(world.evidence, id, ".beat.1"), "utf8");
  const first = beat();
  await eventually(
    () => Promise.resolve(beat()),
    (count) => Number(count) > Number(first) + 3,
  );
  expect((await world.abort().exit).code).toBe(31);
  await eventually(
    () => Promise.resolve(existsSync(join(world.evidence, id, "manifest.json"))),
    Boolean,
  );
  shell.signal("SIGCONT");
  expect((await shell.done).code).toBe(31);
  await expectBaseline(world);
});
