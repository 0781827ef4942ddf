import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { afterAll, expect, test } from "vitest";

import { folderForTest, startCanary, type Exit } from "../e2e/support/run-canary.ts";
import { BASELINE, worldForTest, type World } from "../e2e/support/world.ts";

/** How many points of each of the two, spread evenly; 0 for every one: more than two thousand runs of ten seconds. */
const RUNS = Number(process.env["CANARY_SOAK_RUNS"] ?? 0);
const PLAN = resolve(import.meta.dirname, "../../plans/quickstart.yaml");
const HOOK = resolve(import.meta.dirname, "support/die-at.ts");
/** At least so many calls: else the hook sees none of what it is there for. */
const LEAST = 300;

/** A quickstart in shortened time that dies at its `at`th call; 0: at none. */
function quickstart(world: World, at: number, calls = ""): Promise<Exit> {
  const args = ["start", "--plan", PLAN, "--sandbox", world.sandbox.url, "--time-scale", "1/8"];
  const env = {
    NODE_OPTIONS: `--import ${HOOK}`,
    CANARY_DIE_AT: String(at),
    CANARY_CALLS: calls,
  };
  return startCanary(world.folder, [...args, "--evidence", world.evidence], { env }).exit;
}

const ends = new Map<string, number>();

function note(end: string): void {
  ends.set(end, (ends.get(end) ?? 0) + 1);
}

async function isBack(world: World): Promise<void> {
  const { traffic, deploys } = await world.state();
  expect({ traffic, canary: deploys.canary }).toEqual(BASELINE);
}

async function isPromoted(world: World): Promise<void> {
  const { traffic, deploys } = await world.state();
  expect(traffic).toEqual({ stable: 0, canary: 100 });
  expect(deploys.canary).toEqual({ image: "shop:1.1.0", replicas: 2 });
}

/** Whether a rollout was claimed before the runner died. */
function hasBegun({ evidence }: World): boolean {
  const ids = existsSync(evidence) ? readdirSync(evidence) : [];
  return ids.some((id) => existsSync(join(evidence, id, "journal.1.ndjson")));
}

test("every call of a quickstart as the point at which it dies", async () => {
  const whole = await worldForTest();
  const file = join(folderForTest(), "calls");
  const ended = await quickstart(whole, 0, file);
  expect(ended.code, ended.stdout + ended.stderr).toBe(0);
  await isPromoted(whole);
  const calls = Number(readFileSync(file, "utf8"));
  expect(calls).toBeGreaterThan(LEAST);
  console.log(`${calls} calls in a whole quickstart`);
});

/** More than any quickstart makes; where one is over before its point, it has been promoted. */
const MOST = 1500;
const points = Array.from({ length: RUNS === 0 ? MOST : RUNS }, (_, nth) =>
  RUNS === 0 ? nth + 1 : 1 + Math.floor((nth * MOST) / RUNS),
);

test.concurrent.for(points)("dead at call %i, then an abort", async (at) => {
  const world = await worldForTest();
  const died = await quickstart(world, at);
  expect([null, 0]).toContain(died.code);
  const abort = await world.abort().exit;
  const said = `${died.stdout}\n${abort.stdout}${abort.stderr}`;
  note(`abort ${abort.code}`);
  if (abort.code === 31) {
    await isBack(world);
    const verified = await world.verify();
    expect(verified.code, said + verified.text).toBe(0);
    return;
  }
  // Nothing is active: it was promoted, or nobody had begun anything.
  expect(abort.code, said).toBe(2);
  if (died.code === 0) return isPromoted(world);
  const { writes } = await world.state();
  if (writes.length > 0) return isPromoted(world);
  expect(hasBegun(world), said).toBe(false);
});

test.concurrent.for(points)("dead at call %i, then a resume", async (at) => {
  const world = await worldForTest();
  const died = await quickstart(world, at);
  expect([null, 0]).toContain(died.code);
  const args = ["resume", "--evidence", world.evidence];
  const resume = await startCanary(world.folder, args).exit;
  const said = `${died.stdout}\n${resume.stdout}${resume.stderr}`;
  note(`resume ${resume.code}`);
  expect([0, 2, 30, 31], said).toContain(resume.code);
  if (resume.code === 0) return isPromoted(world);
  if (resume.code !== 2) return isBack(world);
  const { writes } = await world.state();
  if (died.code === 0 || writes.length > 0) return isPromoted(world);
  expect(hasBegun(world), said).toBe(false);
});

afterAll(() => {
  console.log([...ends].map(([end, count]) => `${end}: ${count}`).join(", "));
});
