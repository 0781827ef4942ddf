import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import type { Evidence, Plan } from "../../src/core/plan.ts";
import { appendTable } from "../../src/engine/append-table.ts";
import { createRun } from "../../src/engine/create-run.ts";
import type { Clock, JournalEntry } from "../../src/engine/ports.ts";
import { repeatEvidence } from "../../src/engine/repeat-evidence.ts";
import { plainOptions, type Run } from "../../src/engine/run.ts";
import { engineWorld, quickPlan, type EngineWorld } from "../support/engine-world.ts";
import { eventually } from "../support/sandbox-client.ts";

const NOON = Date.UTC(2026, 0, 5, 12);
const HOUR = 3_600_000;

const item: Evidence = {
  id: "pilot/1-table",
  driver: "table",
  connection: null,
  input: { metrics: ["errors", "share"] },
  as: "hourly.md",
  every: HOUR,
  required: false,
  timeout: 5000,
};

/** A clock that stands still but for `forward`, which fires what becomes due, in order. */
function handClock(): Clock & { forward(ms: number): void } {
  let now = NOON;
  const timers = new Set<{ readonly at: number; readonly call: () => void }>();
  return {
    now: () => now,
    mono: () => now - NOON,
    after(ms, call) {
      const timer = { at: now + ms, call };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    forward(ms) {
      const until = now + ms;
      for (;;) {
        const [next] = [...timers].filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at);
        if (next === undefined) break;
        timers.delete(next);
        now = next.at;
        next.call();
      }
      now = until;
    },
  };
}

function runOf(world: EngineWorld, clock: Clock, epoch = 1): Run {
  const { plan } = quickPlan();
  const { errors } = plan.metrics;
  if (errors === undefined) throw new Error("the quick plan has no metric errors");
  const share = { ...errors, name: "share", unit: "ratio" as const, maxAge: 10 * HOUR };
  const stages = plan.stages.map((stage) => ({ ...stage, evidence: [item] }));
  const whole: Plan = { ...plan, stages, metrics: { errors, share } };
  const identity = { rollout: "rollout", plan: whole, digest: "digest", epoch };
  const run = createRun({ ...world.engine(), clock }, identity, plainOptions, []);
  run.state = { ...run.state, stage: 0 };
  return run;
}

const never = new AbortController().signal;
const file = (world: EngineWorld): string =>
  readFileSync(join(world.evidence, "rollout/stages/pilot/hourly.md"), "utf8");
const HEAD = "| time (UTC) | errors | share |\n| --- | ---: | ---: |\n";

test("each row tells the time and every metric in its unit, blind ones too", async () => {
  const world = engineWorld();
  const clock = handClock();
  const run = runOf(world, clock);
  world.metric = () => 0.25;
  await appendTable(run, item, false, never);
  clock.forward(HOUR);
  world.metric = () => null;
  await appendTable(run, item, false, never);
  expect(file(world)).toBe(
    `${HEAD}| 2026-01-05 12:00:00 | 0.25 | 25% |\n| 2026-01-05 13:00:00 | no data | no data |\n`,
  );
});

test("too few samples are told beside the value", async () => {
  const world = engineWorld();
  const run = runOf(world, handClock());
  const numbers = world.engine().catalog.metrics.get("numbers");
  if (numbers === undefined) throw new Error("the world has no metric driver");
  const few = { kind: "value", value: 1, samples: 3, observedAt: null } as const;
  const metrics = new Map([
    ["numbers", { ...numbers, open: () => ({ sample: () => Promise.resolve(few), close() {} }) }],
  ]);
  const { errors } = run.plan.metrics;
  if (errors === undefined) throw new Error("the quick plan has no metric errors");
  const plan = {
    ...run.plan,
    metrics: { ...run.plan.metrics, errors: { ...errors, minSamples: 9 } },
  };
  const engine = { ...run.engine, catalog: { ...run.engine.catalog, metrics } };
  await appendTable({ ...run, plan, engine }, item, false, never);
  expect(file(world)).toContain("| 1 (3 samples) | 100% |");
});

test("rows asked for at once are all there, one after another", async () => {
  const world = engineWorld();
  const run = runOf(world, handClock());
  await Promise.all(Array.from({ length: 5 }, () => appendTable(run, item, false, never)));
  expect(file(world).split("\n")).toHaveLength(2 + 5 + 1);
});

test("the end of a stage adds a row, but not right after another", async () => {
  const world = engineWorld();
  const clock = handClock();
  const run = runOf(world, clock);
  await appendTable(run, item, true, never);
  clock.forward(HOUR / 20);
  expect(await appendTable(run, item, true, never)).toMatchObject({ kind: "taken" });
  expect(file(world).split("\n")).toHaveLength(2 + 1 + 1);
  clock.forward(HOUR / 10);
  await appendTable(run, item, true, never);
  expect(file(world).split("\n")).toHaveLength(2 + 2 + 1);
});

test("what cannot be written is missing, and so is what was cut", async () => {
  const world = engineWorld();
  const run = runOf(world, handClock());
  const full = { ...run.engine, writeEvidence: () => Promise.reject(new Error("disk full")) };
  expect(await appendTable({ ...run, engine: full }, item, false, never)).toEqual({
    kind: "missing",
    why: "disk full",
  });
  expect(await appendTable(run, item, false, AbortSignal.abort())).toMatchObject({
    kind: "missing",
  });
});

const entry = (at: number, stage: string): JournalEntry => ({
  at,
  mono: 0,
  epoch: 1,
  seq: 1,
  actor: "tester",
  event: { kind: "stage-started", stage, share: 10 },
});
const rows = (world: EngineWorld): number => {
  try {
    return file(world).split("\n").length - 3;
  } catch {
    return 0;
  }
};
const until = (world: EngineWorld, count: number): Promise<number> =>
  eventually(
    () => Promise.resolve(rows(world)),
    (found) => found === count,
  );

test("a row comes every so often, and a resumed stage goes on in the same table, at the same minutes", async () => {
  const world = engineWorld();
  const clock = handClock();
  const first = repeatEvidence(runOf(world, clock), []);
  first.onEntry(entry(NOON, "pilot"));
  clock.forward(HOUR);
  await until(world, 1);
  clock.forward(HOUR);
  await until(world, 2);
  first.stop();
  clock.forward(HOUR / 2);

  // Another process takes the stage over half an hour later.
  const second = repeatEvidence(runOf(world, clock, 2), [entry(NOON, "pilot")]);
  clock.forward(HOUR / 2 - 1);
  expect(rows(world)).toBe(2);
  clock.forward(1);
  await until(world, 3);
  second.stop();
  clock.forward(10 * HOUR);
  expect(file(world)).toBe(
    `${HEAD}${["13", "14", "15"].map((hour) => `| 2026-01-05 ${hour}:00:00 | 0 | 0% |\n`).join("")}`,
  );
});

test("a stage that was over is not taken up again", async () => {
  const world = engineWorld();
  const clock = handClock();
  const passed: JournalEntry = {
    ...entry(NOON, "pilot"),
    event: { kind: "stage-passed", stage: "pilot" },
  };
  const repeated = repeatEvidence(runOf(world, clock, 2), [entry(NOON, "pilot"), passed]);
  clock.forward(5 * HOUR);
  await new Promise((resolve) => setImmediate(resolve));
  expect(rows(world)).toBe(0);
  repeated.stop();
});
