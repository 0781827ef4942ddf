import { expect, test } from "vitest";

import type { Event } from "../../../src/core/event.ts";
import { createRun } from "../../../src/engine/create-run.ts";
import { lostEntry } from "../../../src/engine/outbox/lost-entry.ts";
import { openOutbox } from "../../../src/engine/outbox/outbox.ts";
import type { Engine } from "../../../src/engine/ports.ts";
import { readRollout } from "../../../src/engine/read-rollout.ts";
import { plainOptions } from "../../../src/engine/run.ts";
import type { Store } from "../../../src/store/store.ts";
import { startFakeGithub } from "../../sinks/support/fake-github.ts";
import { engineWorld, type EngineWorld } from "../../support/engine-world.ts";
import { startLoopbackServer } from "../../support/loopback-server.ts";
import { eventually } from "../../support/sandbox-client.ts";
import {
  abortTold,
  reaction,
  startTold,
  toldEngine,
  toldPlan,
} from "../../support/told-rollout.ts";

type Told = Extract<Event, { kind: "delivered" | "not-delivered" }>;

async function toldOf(world: EngineWorld, id: string): Promise<readonly Told[]> {
  const read = await readRollout(world.store, world.evidence, id);
  if ("missing" in read) throw new Error(read.missing);
  return read.entries.flatMap(({ event }) =>
    event.kind === "delivered" || event.kind === "not-delivered" ? [event] : [],
  );
}

test("each event of `on` is told once, in order, and each delivery is journalled", async () => {
  await using server = await startLoopbackServer(() => ({ status: 204 }));
  const world = engineWorld();
  const hook = { type: "webhook", url: server.url };
  const source = toldPlan({ hook }, [
    reaction("started", "hook"),
    reaction("stage-passed", "hook"),
    reaction("promoted", "hook"),
  ]);
  const run = startTold(toldEngine(world), source);
  expect(await run.outcome).toMatchObject({ kind: "ended", exit: 0 });
  const types = server.seen.map(({ body }) => (JSON.parse(body) as { type: string }).type);
  expect(types).toEqual([
    "rollout.started",
    "rollout.stage-passed",
    "rollout.stage-passed",
    "rollout.promoted",
  ]);
  expect(new Set(server.seen.map(({ headers }) => headers["webhook-id"])).size).toBe(4);
  const told = await toldOf(world, await run.id);
  expect(told.map(({ kind, reaction }) => `${kind} ${reaction}`)).toEqual([
    "delivered started/hook",
    "delivered stage-passed/hook",
    "delivered stage-passed/hook",
    "delivered promoted/hook",
  ]);
  // The last one belongs to the epoch of the end: the journal before it is sealed by then.
  expect(world.entries.at(-1)).toMatchObject({ epoch: 2, event: { reaction: "promoted/hook" } });
});

test("a claim of the end that is seen before it is answered is not somebody else's", async () => {
  await using server = await startLoopbackServer(() => ({ status: 204 }));
  const world = engineWorld();
  const store = world.store;
  const slow: Store = {
    ...store,
    async claim(rollout, epoch, line) {
      const claimed = await store.claim(rollout, epoch, line);
      // Longer than the runner takes between two looks at the store.
      if (epoch === 2) await new Promise((resolve) => setTimeout(resolve, 1500));
      return claimed;
    },
  };
  let sealed = 0;
  const engine: Engine = {
    ...toldEngine(world),
    store: slow,
    sealRollout: () => {
      sealed += 1;
      return Promise.resolve();
    },
  };
  const source = toldPlan({ hook: { type: "webhook", url: server.url } }, [
    reaction("promoted", "hook"),
  ]);
  const run = startTold(engine, source);
  expect(await run.outcome).toMatchObject({ kind: "ended", exit: 0 });
  expect(sealed).toBe(1);
  expect(server.seen.length).toBe(1);
});

test("what was left open is closed at the end, although no line says so", async () => {
  const token = "ghp_canary";
  await using fake = await startFakeGithub(token);
  const world = engineWorld();
  const connection = { type: "github", repo: "acme/shop", token, ref: "v1", url: fake.url };
  const run = startTold(
    toldEngine(world),
    toldPlan({ github: connection }, [reaction("started", "github")]),
  );
  expect(await run.outcome).toMatchObject({ exit: 0 });
  expect(fake.states).toEqual(["deployment in_progress", "deployment success"]);
});

test("a place that never answers delays neither the rollout nor its abort, and the exit by a short bound only", async () => {
  await using dead = await startLoopbackServer(() => null);
  await using server = await startLoopbackServer(() => ({ status: 200 }));
  const world = engineWorld();
  const dumb = { type: "webhook", url: dead.url };
  const hook = { type: "webhook", url: server.url };
  const source = toldPlan({ dumb, hook }, [
    reaction("started", "dumb"),
    reaction("promoted", "dumb"),
    reaction("promoted", "hook"),
  ]);
  const run = startTold(toldEngine(world), source);
  const promoted = eventually(
    () => Promise.resolve(server.seen.some(({ body }) => body.includes("rollout.promoted"))),
    Boolean,
  );
  expect(await promoted).toBe(true);
  // The other place was told of the end while the dead one still hangs on the beginning.
  expect(dead.seen.length).toBe(1);
  expect(await run.outcome).toMatchObject({ kind: "ended", exit: 0 });
  const told = await toldOf(world, await run.id);
  expect(told.filter(({ to }) => to === "dumb")).toMatchObject([
    { kind: "not-delivered", reaction: "started/dumb", why: expect.stringContaining("left") },
    { kind: "not-delivered", reaction: "promoted/dumb", why: expect.stringContaining("left") },
  ]);
});

test("an overload is tried again after as long as it asks for, and keeps its id", async () => {
  let asked = 0;
  await using server = await startLoopbackServer(() => {
    asked += 1;
    if (asked === 1) return { status: 503 };
    return asked === 2 ? { status: 429, headers: { "retry-after": "0.2" } } : { status: 200 };
  });
  const world = engineWorld();
  const source = toldPlan({ hook: { type: "webhook", url: server.url } }, [
    reaction("started", "hook"),
  ]);
  const run = startTold(toldEngine(world), source);
  await run.outcome;
  expect(server.seen.length).toBe(3);
  expect(new Set(server.seen.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  expect(await toldOf(world, await run.id)).toMatchObject([{ kind: "delivered" }]);
});

test.each([
  ["says no", { status: 403, body: "no such hook" }, "status 403: no such hook"],
  ["sends elsewhere", { status: 302, headers: { location: "http://x" } }, "status 302"],
])("a place that %s is not asked again", async (_, reply, why) => {
  await using server = await startLoopbackServer(() => reply);
  const world = engineWorld();
  const source = toldPlan({ hook: { type: "webhook", url: server.url } }, [
    reaction("started", "hook"),
  ]);
  const run = startTold(toldEngine(world), source);
  expect(await run.outcome).toMatchObject({ exit: 0 });
  expect(server.seen.length).toBe(1);
  expect(await toldOf(world, await run.id)).toMatchObject([
    { kind: "not-delivered", why, tries: 1 },
  ]);
});

test("a credential that is not set is told once, early, and changes nothing; who has it sends what was missed", async () => {
  await using server = await startLoopbackServer(() => ({ status: 204 }));
  const world = engineWorld();
  const hook = { type: "webhook", url: server.url, bearer: "${env:HOOK_TOKEN}" };
  const source = toldPlan({ hook }, [
    reaction("started", "hook"),
    reaction("stage-started", "hook"),
    reaction("rolled-back", "hook"),
  ]);
  const stages = source.plan.stages.map((stage) => ({ ...stage, soak: 60_000, within: 120_000 }));
  const run = startTold(toldEngine(world), { ...source, plan: { ...source.plan, stages } });
  const soaks = () => world.entries.some(({ event }) => event.kind === "soak-started");
  await eventually(() => Promise.resolve(soaks()), Boolean);
  const id = await run.id;
  const missing = { kind: "not-delivered", reaction: "credentials", to: "hook" };
  expect(await toldOf(world, id)).toMatchObject([{ ...missing, why: "env:HOOK_TOKEN is not set" }]);
  expect(server.seen).toEqual([]);
  const outcome = await abortTold(toldEngine(world, { "env:HOOK_TOKEN": "tok" }), id);
  expect(outcome).toMatchObject({ kind: "ended", exit: 31 });
  expect((await toldOf(world, id)).slice(1).map(({ reaction }) => reaction)).toEqual([
    "started/hook",
    "stage-started/hook",
    "rolled-back/hook",
  ]);
});

test("who uses the target is taken out of what it said, who acted is not", async () => {
  await using server = await startLoopbackServer(() => ({ status: 204 }));
  const world = engineWorld();
  const source = toldPlan({ hook: { type: "webhook", url: server.url } }, [
    reaction("rolling-back", "hook", { text: "${event.reason}, by ${event.by}" }),
  ]);
  const stages = source.plan.stages.map((stage) => ({ ...stage, soak: 60_000, within: 120_000 }));
  const run = startTold(toldEngine(world), { ...source, plan: { ...source.plan, stages } });
  const soaks = () => world.entries.some(({ event }) => event.kind === "soak-started");
  await eventually(() => Promise.resolve(soaks()), Boolean);
  const text = "order of eve@customers.example failed";
  const cause = { kind: "abort", text, by: "ana@example.com" };
  await abortTold(toldEngine(world), await run.id, { cause });
  await run.outcome;
  const { data } = JSON.parse(server.seen[0]?.body ?? "{}") as { data: { text: string } };
  expect(data.text).toBe("order of [redacted e-mail] failed, by ana@example.com");
});

test("a takeover sends what was not sent, and nothing twice", async () => {
  let open = false;
  await using server = await startLoopbackServer(({ body }) =>
    open || body.includes("rollout.started") ? { status: 200 } : null,
  );
  const world = engineWorld();
  const source = toldPlan({ hook: { type: "webhook", url: server.url } }, [
    reaction("started", "hook"),
    reaction("stage-started", "hook"),
    reaction("rolled-back", "hook"),
  ]);
  const stages = source.plan.stages.map((stage) => ({ ...stage, soak: 60_000, within: 120_000 }));
  const run = startTold(toldEngine(world), { ...source, plan: { ...source.plan, stages } });
  // An abort in the middle of a write could not prove, inside one process, that the write will not land late: 41.
  const hangs = () =>
    Promise.resolve(
      server.seen.some(({ body }) => body.includes("pilot")) &&
        world.entries.some(({ event }) => event.kind === "soak-started"),
    );
  await eventually(hangs, Boolean);
  open = true;
  const outcome = await abortTold(toldEngine(world), await run.id);
  expect(outcome).toMatchObject({ kind: "ended", exit: 31 });
  // The process that was superseded gives its message up, and writes no more.
  await run.outcome;
  const told = await toldOf(world, await run.id);
  expect(told.map(({ kind, reaction }) => `${kind} ${reaction}`)).toEqual([
    "delivered started/hook",
    "delivered stage-started/hook",
    "delivered rolled-back/hook",
  ]);
  const ids = server.seen.map(({ headers }) => headers["webhook-id"]);
  const begun = server.seen.filter(({ body }) => body.includes("rollout.stage-started"));
  expect(new Set(begun.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  expect(new Set(ids).size).toBe(3);
  expect(server.seen.filter(({ body }) => body.includes("rollout.started")).length).toBe(1);
});

test("secrets are in the requests that need them, and nowhere else", async () => {
  const token = "canary-token-8f3a";
  await using server = await startLoopbackServer(({ headers }) => ({
    status: 401,
    body: `bad credentials: ${headers.authorization ?? ""}`,
  }));
  const world = engineWorld();
  const hook = { type: "webhook", url: server.url, bearer: "${env:HOOK_TOKEN}" };
  const source = toldPlan({ hook }, [reaction("started", "hook")]);
  const run = startTold(toldEngine(world, { "env:HOOK_TOKEN": token }), source);
  await run.outcome;
  expect(server.seen[0]?.headers.authorization).toBe(`Bearer ${token}`);
  expect(server.seen.map(({ body }) => body).join("")).not.toContain(token);
  const [told] = await toldOf(world, await run.id);
  expect(told).toMatchObject({ kind: "not-delivered", why: expect.stringContaining("redacted") });
  expect(JSON.stringify(world.entries)).not.toContain(token);
});

test("when the store takes no end, who is needed is told all the same", async () => {
  await using server = await startLoopbackServer(() => ({ status: 204 }));
  const world = engineWorld();
  const source = toldPlan({ hook: { type: "webhook", url: server.url } }, [
    reaction("rollback-failed", "hook"),
  ]);
  const { plan, digest } = source;
  const identity = { rollout: "r", plan, digest, epoch: 1 };
  const run = createRun(toldEngine(world), identity, plainOptions, []);
  const outbox = openOutbox(run, []);
  outbox.onEntry(lostEntry(run, 7, "no space left"));
  await outbox.close(5000);
  const { data } = JSON.parse(server.seen[0]?.body ?? "{}") as { data: Record<string, unknown> };
  expect(data).toMatchObject({
    needsPerson: true,
    text: "the journal takes no end: no space left",
  });
});
