import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { expect, test } from "vitest";

import { expectBaseline, worldForTest, type World } from "../e2e/support/world.ts";

const RUNS = Number(process.env["CANARY_SOAK_RUNS"] ?? 100);
const QUICKSTART = resolve(import.meta.dirname, "../../plans/quickstart.yaml");
/** About how long the quickstart takes, in milliseconds: a kill may come at any moment of it. */
const LENGTH = 42_000;

test.for(Array.from({ length: RUNS }, (_, run) => run))(
  "run %i: kill -9 at a random moment, abort, 31, the baseline is back, the chain verifies",
  async (_, { skip }) => {
    const world = await worldForTest();
    const start = world.start(QUICKSTART);
    await world.rolloutId();
    const after = Math.random() * LENGTH;
    await Promise.race([sleep(after), start.exit]);
    start.signal("SIGKILL");
    const ended = await start.exit;
    if (ended.code === 0) return skip("promoted before the kill");
    const lines = await journalLines(world);
    const abort = await world.abort().exit;
    expect(abort.code, `killed after ${after} ms\n${abort.stdout}${abort.stderr}`).toBe(31);
    await expectBaseline(world);
    expect(await journalLines(world)).toEqual(expect.arrayContaining(lines));
    const verified = await world.verify();
    expect(verified.code, verified.text).toBe(0);
  },
);

test.for(Array.from({ length: RUNS }, (_, run) => run))(
  "run %i: SIGSTOP at a random moment, abort, SIGCONT: nothing forward lands after",
  async () => {
    const world = await worldForTest();
    const start = world.start(QUICKSTART);
    await world.rolloutId();
    await sleep(Math.random() * LENGTH * 0.8);
    start.signal("SIGSTOP");
    const abort = await world.abort().exit;
    expect(abort.code, abort.stdout + abort.stderr).toBe(31);
    const before = (await world.state()).writes.length;
    start.signal("SIGCONT");
    await Promise.race([start.exit, sleep(15_000)]);
    expect((await world.state()).writes).toHaveLength(before);
    await expectBaseline(world);
  },
);

/** Every whole line of the rollout's journals: what was once written there must stay. */
async function journalLines(world: World): Promise<string[]> {
  const folder = join(world.evidence, (await world.list())[0]?.id ?? "");
  const names = (await readdir(folder)).filter((name) => /^journal\.\d+\.ndjson$/.test(name));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  return texts.flatMap((text) => text.split("\n").slice(0, -1));
}
