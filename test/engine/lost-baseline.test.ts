import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import type { ActionDriver } from "../../src/drivers/driver.ts";
import type { Bundle } from "../../src/engine/bundle.ts";
import type { Engine, Outcome } from "../../src/engine/ports.ts";
import { startRollout } from "../../src/engine/start-rollout.ts";
import { takeOver } from "../../src/engine/take-over.ts";
import { engineWorld, quickPlan, testSignals, type EngineWorld } from "../support/engine-world.ts";
import { eventually } from "../support/sandbox-client.ts";

/** A rollout at 10 % whose runner was told to leave, as if it had died; gives its id and where its bundle lies. */
async function leftAtTen(
  world: EngineWorld,
  soak = 60_000,
): Promise<{ id: string; bundle: string }> {
  const signals = testSignals();
  const { promise, resolve } = Promise.withResolvers<string>();
  const outcome = startRollout(world.engine(), quickPlan(soak), {
    signals,
    acceptLive: false,
    onRollout: (rollout) => Promise.resolve(resolve(rollout)),
  });
  const id = await promise;
  const soaks = (): boolean => world.entries.some(({ event }) => event.kind === "soak-started");
  await eventually(() => Promise.resolve(soaks()), Boolean);
  world.onWrite = () => new Promise(() => undefined);
  signals.send("SIGKILL");
  signals.send("SIGKILL");
  expect((await outcome).kind).toBe("left");
  world.onWrite = () => Promise.resolve(null);
  return { id, bundle: join(world.evidence, id, "rollback.json") };
}

function take(
  engine: Engine,
  rollout: string,
  mode: "rollback" | "continue" = "rollback",
): { readonly outcome: Promise<Outcome>; readonly signals: ReturnType<typeof testSignals> } {
  const signals = testSignals();
  const cause = { kind: "abort", text: "enough", by: "tester" } as const;
  const outcome = takeOver(engine, rollout, {
    mode,
    cause: mode === "rollback" ? cause : null,
    overwrite: false,
    pastIrreversible: false,
    afterPromoted: false,
    signals,
  });
  return { outcome, signals };
}

function live(world: EngineWorld, key: string): unknown {
  const value = world.values.get(key);
  return value?.present === true ? value.value : undefined;
}

function whyOf(outcome: Outcome): string {
  return outcome.kind === "ended" && outcome.end.kind === "rollback-failed" ? outcome.end.why : "";
}

function putOf(engine: Engine): ActionDriver<unknown> {
  const put = engine.catalog.actions.get("put");
  if (put === undefined) throw new Error("the world has no driver put");
  return put;
}

/** The engine with its one driver changed. */
function withDriver(engine: Engine, change: Partial<ActionDriver<unknown>>): Engine {
  const put = putOf(engine);
  return {
    ...engine,
    catalog: { ...engine.catalog, actions: new Map([["put", { ...put, ...change }]]) },
  };
}

test("with its bundle gone traffic goes to 0 from the plan alone, and 40 names what could not be restored", async () => {
  const world = engineWorld();
  const { id, bundle } = await leftAtTen(world);
  rmSync(bundle);
  const outcome = await take(world.engine(), id).outcome;
  expect(outcome.exit, whyOf(outcome)).toBe(40);
  expect([live(world, "weight"), live(world, "image")]).toEqual([0, "v2"]);
  expect(whyOf(outcome)).toContain("weight: failed (switched off (0) and read back");
  expect(whyOf(outcome)).toContain('image: failed (left as it is, "v2"');
});

test.each([
  ["is not JSON", "{"],
  ["is of another rollout", null],
])("a bundle that %s is as good as none: traffic goes to 0, and the end is 40", async (_, text) => {
  const world = engineWorld();
  const { id, bundle } = await leftAtTen(world);
  writeFileSync(bundle, text ?? readFileSync(bundle, "utf8").replaceAll(id, `${id}x`));
  const outcome = await take(world.engine(), id).outcome;
  expect(outcome.exit, whyOf(outcome)).toBe(40);
  expect([live(world, "weight"), live(world, "image")]).toEqual([0, "v2"]);
});

test("a bundle with one value changed: that one is switched off, the others are restored, and only it is named", async () => {
  const world = engineWorld();
  const { id, bundle } = await leftAtTen(world);
  const changed = JSON.parse(readFileSync(bundle, "utf8")) as Bundle;
  const fields = changed.fields.map((entry) =>
    entry.field.key === "weight"
      ? { ...entry, baseline: { present: true, value: 50 } as const }
      : entry,
  );
  writeFileSync(bundle, JSON.stringify({ ...changed, fields }));
  const outcome = await take(world.engine(), id).outcome;
  expect(outcome.exit, whyOf(outcome)).toBe(40);
  expect([live(world, "weight"), live(world, "image")]).toEqual([0, "v1"]);
  expect(whyOf(outcome)).toContain("weight");
  expect(whyOf(outcome)).not.toContain("image");
});

test("what was captured but never written is not named: it is as it was", async () => {
  const world = engineWorld();
  const { id, bundle } = await leftAtTen(world);
  const path = join(world.evidence, id, "journal.1.ndjson");
  const text = readFileSync(path, "utf8");
  expect(text).toContain('"weight":"');
  // As a journal of a rollout that died before its traffic: the lines from that intent on are not there.
  const lines = text.split("\n");
  const intent = lines.findIndex((line) => line.includes('"action":"pilot/traffic"'));
  writeFileSync(path, `${lines.slice(0, intent).join("\n")}\n`);
  world.values.set("weight", { present: true, value: 7 });
  rmSync(bundle);
  const outcome = await take(world.engine(), id).outcome;
  expect(outcome.exit, whyOf(outcome)).toBe(40);
  expect(live(world, "weight")).toBe(7);
  expect(whyOf(outcome)).toContain("image");
  expect(whyOf(outcome)).not.toContain("weight");
});

test("a kill that cannot ask its target yet tries again, and a flag among the actions is switched off too", async () => {
  const world = engineWorld();
  const { id, bundle } = await leftAtTen(world);
  rmSync(bundle);
  const engine = world.engine();
  const put = putOf(engine);
  let refusals = 0;
  const outcome = await take(
    withDriver(engine, {
      off: (input) => ({ ...(input as object), value: "off" }),
      changes(request, context) {
        refusals += 1;
        return refusals <= 2
          ? Promise.resolve({ kind: "failed", why: "no route to host" })
          : put.changes(request, context);
      },
    }),
    id,
  ).outcome;
  expect(refusals).toBeGreaterThan(2);
  expect([live(world, "weight"), live(world, "image")]).toEqual([0, "off"]);
  expect(outcome.exit, whyOf(outcome)).toBe(40);
});

test("a resume without its bundle goes no further, since nothing could be put back; an abort still takes traffic to 0", async () => {
  const world = engineWorld();
  const { id, bundle } = await leftAtTen(world, 1000);
  rmSync(bundle);
  const before = world.writes.length;
  const resumed = take(world.engine(), id, "continue");
  const why = await eventually(
    () =>
      Promise.resolve(
        world.entries.flatMap(({ epoch, event }) =>
          epoch === 2 && event.kind === "held" ? [event.hold.why] : [],
        ),
      ),
    (holds) => holds.length > 0,
  );
  expect(why[0]).toContain("rollback.json is gone or was changed");
  expect(world.writes.length).toBe(before);
  const outcome = await take(world.engine(), id).outcome;
  expect(outcome.exit, whyOf(outcome)).toBe(40);
  expect(live(world, "weight")).toBe(0);
  expect((await resumed.outcome).exit).toBe(40);
});
