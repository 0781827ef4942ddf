import { expect, test } from "vitest";

import type { ActionDriver } from "../../src/drivers/driver.ts";
import type { Engine, Outcome } from "../../src/engine/ports.ts";
import { startRollout } from "../../src/engine/start-rollout.ts";
import { takeOver } from "../../src/engine/take-over.ts";
import { engineWorld, quickPlan, testSignals, type EngineWorld } from "../support/engine-world.ts";
import { eventually } from "../support/sandbox-client.ts";

/** A rollout at 10 %, taken over by an abort whose driver is changed, in a world that breaks before that. */
async function abortWith(
  world: EngineWorld,
  change: Partial<ActionDriver<unknown>>,
  onWrite = world.onWrite,
  haste = 1,
): Promise<{
  readonly outcome: Promise<Outcome>;
  readonly signals: ReturnType<typeof testSignals>;
}> {
  const { promise, resolve } = Promise.withResolvers<string>();
  void startRollout(world.engine(), quickPlan(60_000), {
    signals: testSignals(),
    acceptLive: false,
    onRollout: (rollout) => Promise.resolve(resolve(rollout)),
  });
  const id = await promise;
  const weight = (): Promise<unknown> => Promise.resolve(world.values.get("weight"));
  await eventually(weight, (value) => JSON.stringify(value) === '{"present":true,"value":10}');
  world.onWrite = onWrite;
  const signals = testSignals();
  const engine = withDriver(world.engine(), change);
  const clock = { ...engine.clock, mono: () => engine.clock.mono() * haste };
  const outcome = takeOver({ ...engine, clock }, id, {
    mode: "rollback",
    cause: { kind: "abort", text: "enough", by: "tester" },
    overwrite: false,
    pastIrreversible: false,
    afterPromoted: false,
    signals,
  });
  return { outcome, signals };
}

function withDriver(engine: Engine, change: Partial<ActionDriver<unknown>>): Engine {
  const put = engine.catalog.actions.get("put");
  if (put === undefined) throw new Error("the world has no driver put");
  const actions = new Map([["put", { ...put, ...change }]]);
  return { ...engine, catalog: { ...engine.catalog, actions } };
}

/** Each line once: the runner that lost the rollout follows it, and shows the same lines. */
function retried(world: EngineWorld) {
  const lines = new Map(world.entries.map((entry) => [`${entry.epoch}.${entry.seq}`, entry.event]));
  return [...lines.values()].filter((event) => event.kind === "undo-retried");
}

function putOf(world: EngineWorld): ActionDriver<unknown> {
  const put = world.engine().catalog.actions.get("put");
  if (put === undefined) throw new Error("the world has no driver put");
  return put;
}

const untilRetried = (world: EngineWorld, times: number) =>
  eventually(
    () => Promise.resolve(retried(world)),
    (events) => events.length >= times,
  );

test.each([
  [
    'PUT /deploy {"image":"<value before>"}, read at the start',
    'PUT /deploy {"image":0}, read at the start',
  ],
  [
    "kubectl scale deployment/x --replicas=<the number before>",
    "kubectl scale deployment/x --replicas=0",
  ],
  ["set <the weights before>", "set <the weights before>"],
  ["a=<the number before> b=<the number before>", "a=<the number before> b=<the number before>"],
])("what a person can run has the value in it, where it is one: %s", async (undo, expected) => {
  const world = engineWorld();
  let ignores = true;
  const put = putOf(world);
  const { outcome } = await abortWith(
    world,
    {
      preview: () => [{ does: "", undo }],
      // Nothing that a share of 0 would say.
      changes: (request, context) => put.changes({ ...request, share: 3 }, context),
    },
    () => Promise.resolve(ignores ? { kind: "failed", why: "busy" } : null),
  );
  expect((await untilRetried(world, 1))[0]?.byHand).toEqual([expected]);
  ignores = false;
  await outcome;
});

test("everything else goes back beside traffic that does not take, and each is restored once", async () => {
  const world = engineWorld();
  let ignores = true;
  const { outcome } = await abortWith(
    world,
    {},
    ({ field }) =>
      Promise.resolve(
        ignores && field.key === "weight" ? { kind: "failed", why: "no answer" } : null,
      ),
    50,
  );
  const live = (key: string): unknown => world.values.get(key);
  await eventually(
    () => Promise.resolve(live("image")),
    (value) => JSON.stringify(value) === '{"present":true,"value":"v1"}',
  );
  expect(live("weight")).toEqual({ present: true, value: 10 });
  ignores = false;
  expect((await outcome).exit).toBe(31);
  expect(live("weight")).toEqual({ present: true, value: 0 });
  const undone = world.entries.flatMap(({ event }) =>
    event.kind === "undo-intended" && event.group === "rest" ? [event.effect] : [],
  );
  expect(new Set(undone).size).toBe(1);
});

test("values go back although nothing can be read, and are called restored only when they can be", async () => {
  const world = engineWorld();
  const put = putOf(world);
  let reads = false;
  const read: typeof put.read = (fields, context) =>
    reads ? put.read(fields, context) : Promise.resolve({ kind: "failed", why: "503" });
  const { outcome } = await abortWith(world, { read }, world.onWrite, 50);
  const live = (): unknown => ["weight", "image"].map((key) => world.values.get(key));
  await eventually(
    () => Promise.resolve(live()),
    (now) => JSON.stringify(now) === '[{"present":true,"value":0},{"present":true,"value":"v1"}]',
  );
  const [said] = await untilRetried(world, 1);
  expect(said).toMatchObject({ found: null, why: "written, but it cannot be read back" });
  reads = true;
  expect((await outcome).exit).toBe(31);
});

const accepted = { kind: "ok", value: null } as const;

test("a value that is ignored is said once for each finding, with what is wanted, what is there, and what to run", async () => {
  const world = engineWorld();
  let ignores = true;
  const engine = world.engine();
  const put = engine.catalog.actions.get("put");
  const { outcome } = await abortWith(world, {
    write: (changes, context) =>
      ignores ? Promise.resolve(accepted) : (put?.write(changes, context) ?? Promise.reject()),
  });
  const [first] = await untilRetried(world, 1);
  expect(first).toMatchObject({
    field: "weight",
    wanted: "0",
    found: "10",
    why: "written, but it reads back as 10",
    byHand: ["put"],
  });
  expect(first?.left).toBeGreaterThan(200_000);
  world.values.set("weight", { present: true, value: 7 });
  expect((await untilRetried(world, 2))[1]).toMatchObject({ wanted: "0", found: "7" });
  ignores = false;
  expect((await outcome).exit).toBe(31);
  // Tried three times or more, and told of twice: what is found did not change more often.
  expect(retried(world).length).toBe(2);
});

test("what takes long to be taken up is looked at meanwhile: nobody waits two minutes to hear that it was ignored", async () => {
  const world = engineWorld();
  const { outcome, signals } = await abortWith(world, {
    write: () => Promise.resolve(accepted),
    settle: (_changes, { signal }) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => resolve({ kind: "failed", why: "interrupted" }));
      }),
    preview: () => {
      throw new Error("a bug in a text");
    },
  });
  const [first] = await untilRetried(world, 1);
  expect(first).toMatchObject({ field: "weight", wanted: "0", found: "10", byHand: [] });
  signals.send("SIGTERM");
  signals.send("SIGTERM");
  expect(await outcome).toMatchObject({ kind: "left", exit: 130 });
});

test("a write that fails is said with its reason", async () => {
  const world = engineWorld();
  let fails = true;
  const { outcome } = await abortWith(world, {}, ({ field }) =>
    Promise.resolve(
      fails && field.key === "weight" ? { kind: "failed", why: "no route to host" } : null,
    ),
  );
  const [first] = await untilRetried(world, 1);
  expect(first).toMatchObject({ wanted: "0", found: "10", why: "no route to host" });
  fails = false;
  expect((await outcome).exit).toBe(31);
});

test("the first signal on the way back is journalled and changes nothing", async () => {
  const world = engineWorld();
  let ignores = true;
  const { outcome, signals } = await abortWith(world, {}, () =>
    Promise.resolve(ignores ? { kind: "failed", why: "busy" } : null),
  );
  await untilRetried(world, 1);
  signals.send("SIGTERM");
  await eventually(
    () => Promise.resolve(world.entries.filter(({ event }) => event.kind === "signalled")),
    (entries) => entries.length > 0,
  );
  ignores = false;
  expect((await outcome).exit).toBe(31);
});
