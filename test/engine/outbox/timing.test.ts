import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import type { Reaction } from "../../../src/core/reaction.ts";
import type { Json } from "../../../src/core/units.ts";
import { runOutput } from "../../../src/drivers/evidence/run.ts";
import { readRollout } from "../../../src/engine/read-rollout.ts";
import { startFakeApi, type FakeApi } from "../../sinks/support/fake-api.ts";
import { startFakePagerDuty } from "../../sinks/support/fake-pagerduty.ts";
import { engineWorld, type EngineWorld } from "../../support/engine-world.ts";
import { eventually } from "../../support/sandbox-client.ts";
import {
  abortTold,
  reaction,
  startTold,
  toldEngine,
  toldPlan,
  type ToldRun,
} from "../../support/told-rollout.ts";

const receiver = () => startFakeApi(() => ({ status: 204 }));
const textsOf = ({ asked }: FakeApi): readonly Json[] =>
  asked.map(({ json }) => (json["data"] as Readonly<Record<string, Json>>)["text"] ?? null);

/** A rollout that stays in its first stage until it is aborted. */
function startLong(world: EngineWorld, url: string, reactions: readonly Reaction[]): ToldRun {
  const hook = { type: "webhook", url };
  const source = toldPlan({ hook }, reactions);
  const stages = source.plan.stages.map((stage) => ({ ...stage, soak: 60_000, within: 120_000 }));
  const handled = {
    name: "handled",
    driver: "confirm",
    connection: null,
    input: { confirm: "handled" },
    interval: null,
    initialDelay: 0,
    timeout: 1000,
    failureThreshold: 1,
    successThreshold: 1,
    retries: 0,
    as: null,
  };
  const plan = { ...source.plan, stages, checks: { handled } };
  return startTold(toldEngine(world), { ...source, plan });
}

async function journalOf(world: EngineWorld, id: string) {
  const read = await readRollout(world.store, world.evidence, id);
  if ("missing" in read) throw new Error(read.missing);
  return read.entries.map(({ event }) => event);
}

/** An abort while a change is under way has to wait for it: not what is looked at here. */
const soaks = (world: EngineWorld): boolean =>
  world.entries.some(({ event }) => event.kind === "soak-started");

const until = (done: () => boolean): Promise<boolean> =>
  eventually(() => Promise.resolve(done()), Boolean);

test("what is asked for is told with how it is answered, and by when", async () => {
  await using fake = await receiver();
  const world = engineWorld();
  const asking = { asks: ["handled"], within: 86_400_000, text: "look" } as const;
  const run = startLong(world, fake.url, [reaction("started", "hook", asking)]);
  await until(() => fake.asked.length > 0);
  const started = world.entries.find(({ event }) => event.kind === "baseline-captured")?.at ?? 0;
  const by = new Date(started + 86_400_000).toISOString().slice(0, 19);
  const [text] = textsOf(fake);
  expect(text).toBe(`look\nhandled? (by ${by}Z) canary confirm ${await run.id} handled`);
  await abortTold(toldEngine(world), await run.id);
  await run.outcome;
});

test("`every` tells again and again, and falls silent at the end", async () => {
  await using fake = await receiver();
  const world = engineWorld();
  const run = startLong(world, fake.url, [
    reaction("in-progress", "hook", { every: 150, text: "at ${stage.name}" }),
  ]);
  await until(() => fake.asked.length >= 3);
  await abortTold(toldEngine(world), await run.id);
  await run.outcome;
  expect(textsOf(fake)).toEqual(fake.asked.map(() => "at pilot"));
  const subjects = fake.asked.map(({ json }) => (json["data"] as { subject: string }).subject);
  expect(subjects[0]).toBe("quick: running: stage pilot, 10 %");
  const ids = fake.asked.map(({ headers }) => headers["webhook-id"]);
  // The one that was under way at the takeover may be sent again, under its own id.
  expect(new Set(ids).size).toBeGreaterThanOrEqual(ids.length - 1);
  const told = (await journalOf(world, await run.id)).filter(({ kind }) => kind === "delivered");
  expect(told.length).toBeGreaterThanOrEqual(3);
});

test("`until` ends what is told again and again, and cancels what is not due yet", async () => {
  await using fake = await receiver();
  const world = engineWorld();
  const run = startLong(world, fake.url, [
    reaction("started", "hook", { id: "a", every: 60_000, until: "rolling-back", text: "begun" }),
    reaction("started", "hook", { id: "b", after: 60_000, until: "rolling-back", text: "late" }),
    reaction("rolled-back", "hook", { text: "over" }),
  ]);
  await until(() => fake.asked.length >= 1 && soaks(world));
  await abortTold(toldEngine(world), await run.id);
  expect(textsOf(fake)).toEqual(["begun", "over"]);
  const events = await journalOf(world, await run.id);
  // It was cancelled, not missed.
  expect(events.filter(({ kind }) => kind === "not-delivered")).toEqual([]);
});

test("what is not due when the process ends is said to be missing", async () => {
  await using fake = await receiver();
  const world = engineWorld();
  const run = startLong(world, fake.url, [
    reaction("rolling-back", "hook", { after: 900_000, text: "still not handled" }),
  ]);
  await until(() => soaks(world));
  await abortTold(toldEngine(world), await run.id);
  const events = await journalOf(world, await run.id);
  expect(events.filter(({ kind }) => kind === "not-delivered")).toMatchObject([
    { why: expect.stringMatching(/^due in (?:900|899) s, and the process leaves now$/u) },
  ]);
  expect(fake.asked).toEqual([]);
});

test("`unless` a person has confirmed, it is told after its time", async () => {
  await using fake = await receiver();
  const world = engineWorld();
  const unless = { kind: "confirmed", text: "handled confirmed", check: "handled" } as const;
  const run = startLong(world, fake.url, [
    reaction("started", "hook", { id: "a", after: 400, unless, text: "nobody came" }),
    reaction("started", "hook", { id: "b", after: 1500, unless, text: "nobody came yet" }),
  ]);
  await until(() => fake.asked.length === 1);
  const word = { kind: "confirm", by: "ana", reason: "", check: "handled", yes: true };
  const said = { ...word, stage: null, hold: null };
  await world.store.post(await run.id, JSON.stringify(said));
  await until(() => world.entries.some(({ event }) => event.kind === "word-received"));
  await new Promise((resolve) => setTimeout(resolve, 1800));
  await abortTold(toldEngine(world), await run.id);
  expect(textsOf(fake)).toEqual(["nobody came"]);
});

test("a takeover goes on with the time that is left, not from the beginning", async () => {
  await using fake = await receiver();
  const world = engineWorld();
  const run = startLong(world, fake.url, [
    reaction("started", "hook", { after: 1200, text: "still running" }),
  ]);
  await until(() => soaks(world));
  const taken = abortTold(toldEngine(world), await run.id, { mode: "continue", cause: null });
  await until(() => fake.asked.length === 1);
  await abortTold(toldEngine(world), await run.id);
  await taken;
  await run.outcome;
  expect(textsOf(fake)).toEqual(["still running"]);
});

test("an incident that a line opened is resolved when its reason is over, although no line says so", async () => {
  const key = "canary-key";
  await using fake = await startFakePagerDuty(key);
  const world = engineWorld();
  let value = 0;
  world.metric = () => value;
  const source = toldPlan({ duty: { type: "pagerduty", key, url: fake.url } }, [
    reaction("paged", "duty", { trigger: "odd" }),
  ]);
  const [trigger] = source.plan.triggers;
  if (trigger === undefined) throw new Error("the plan has no trigger");
  const page = {
    ...trigger,
    id: "page/odd",
    name: "odd",
    does: "page",
    condition: { ...trigger.condition, limit: { kind: "number", value: 2 } },
  } as const;
  const stages = source.plan.stages.map((stage) => ({ ...stage, soak: 800, gates: [] }));
  const plan = { ...source.plan, stages, triggers: [page as typeof trigger] };
  const run = startTold(toldEngine(world), { ...source, plan });
  await until(() => soaks(world));
  value = 3;
  await until(() => fake.open.size === 1);
  value = 0;
  expect(await run.outcome).toMatchObject({ exit: 0 });
  expect(fake.open.size).toBe(0);
  const told = (await journalOf(world, await run.id)).filter(({ kind }) => kind === "delivered");
  expect(told).toMatchObject([{ reaction: "paged/duty" }, { reaction: "over/duty", receipt: {} }]);
});

test("evidence of a moment is taken beside it; what is missing is said", async () => {
  await using fake = await receiver();
  const world = engineWorld();
  const item = (as: string, driver: "run" | "log") => ({
    id: as,
    driver,
    connection: null,
    input: { run: ["echo", "it was noon"] },
    as,
    every: null,
    required: false,
    timeout: 2000,
  });
  const items = [item("${stage.name}.txt", "run"), item("gone.txt", "log")];
  const plain = toldEngine(world);
  const evidence = new Map([["run", runOutput]]);
  const engine = { ...plain, catalog: { ...plain.catalog, evidence } };
  const source = toldPlan({ hook: { type: "webhook", url: fake.url } }, [
    reaction("stage-passed", "hook", { id: "a", does: { kind: "collect", items }, stage: "pilot" }),
  ]);
  const run = startTold(engine, source);
  expect(await run.outcome).toMatchObject({ exit: 0 });
  const id = await run.id;
  const kept = join(world.evidence, id, "stages/pilot/pilot.txt");
  expect(readFileSync(kept, "utf8")).toBe("it was noon\n");
  const events = await journalOf(world, id);
  expect(events.filter(({ kind }) => kind === "not-delivered")).toMatchObject([
    { to: "collect", why: "gone.txt: no evidence driver log" },
  ]);
});

test("what is asked for comes with how to answer, until it is answered", async () => {
  await using fake = await receiver();
  const world = engineWorld();
  const run = startLong(world, fake.url, [
    reaction("started", "hook", { id: "a", asks: ["handled"], text: "please" }),
    reaction("started", "hook", { id: "b", asks: ["handled"], text: "again", after: 4000 }),
  ]);
  const id = await run.id;
  await until(() => fake.asked.length === 1);
  const word = { kind: "confirm", by: "ana", reason: "", check: "handled", yes: true };
  await world.store.post(id, JSON.stringify({ ...word, stage: null, hold: null }));
  await until(() => fake.asked.length === 2 && soaks(world));
  await abortTold(toldEngine(world), id);
  expect(textsOf(fake)).toEqual([`please\nhandled? canary confirm ${id} handled`, "again"]);
});
