import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import type { Event } from "../../src/core/event.ts";
import { startRollout } from "../../src/engine/start-rollout.ts";
import { takeOver } from "../../src/engine/take-over.ts";
import { engineWorld, quickPlan, testSignals, type EngineWorld } from "../support/engine-world.ts";
import { eventually } from "../support/sandbox-client.ts";

/** A rollout at 10 %, with the folder of its inbox. */
async function underWay(world: EngineWorld) {
  const signals = testSignals();
  const { promise, resolve } = Promise.withResolvers<string>();
  const outcome = startRollout(world.engine(), quickPlan(60_000), {
    signals,
    acceptLive: false,
    onRollout: (rollout) => Promise.resolve(resolve(rollout)),
  });
  const id = await promise;
  await eventually(
    () => Promise.resolve(world.writes.some(({ key }) => key === "weight")),
    Boolean,
  );
  const inbox = join(world.evidence, id, "inbox");
  mkdirSync(inbox, { recursive: true });
  return { id, inbox, outcome, signals };
}

/** Each line once: who lost a rollout follows it, and shows the same lines. */
function journalled<K extends Event["kind"]>(world: EngineWorld, kind: K) {
  const lines = new Map(world.entries.map((entry) => [`${entry.epoch}.${entry.seq}`, entry.event]));
  return [...lines.values()].filter(
    (event): event is Extract<Event, { kind: K }> => event.kind === kind,
  );
}

const until = <K extends Event["kind"]>(world: EngineWorld, kind: K, times = 1) =>
  eventually(
    () => Promise.resolve(journalled(world, kind)),
    (events) => events.length >= times,
  );

const word = (kind: string): string =>
  JSON.stringify({ kind, by: "ana", reason: "", check: null, yes: true, stage: null, hold: null });

function abort(world: EngineWorld, rollout: string) {
  return takeOver(world.engine(), rollout, {
    mode: "rollback",
    cause: { kind: "abort", text: "enough", by: "tester" },
    overwrite: false,
    pastIrreversible: false,
    afterPromoted: false,
    signals: testSignals(),
  });
}

test("garbage in the inbox is journalled as passed over, and the words behind it are taken", async () => {
  const world = engineWorld();
  const { id, inbox, outcome } = await underWay(world);
  mkdirSync(join(inbox, "1.json"));
  writeFileSync(join(inbox, "2.json"), Buffer.from([0, 255, 254, 1]));
  writeFileSync(join(inbox, "3.json"), "x".repeat(1_000_000));
  writeFileSync(join(inbox, "4.json"), '{"kind":"obey","by":"ana"}');
  writeFileSync(join(inbox, "5.json"), "[[[[");
  await world.store.post(id, word("hold"));
  expect(await until(world, "held")).toMatchObject([{ hold: { kind: "person" } }]);
  expect(journalled(world, "word-received")).toMatchObject([{ place: 6, word: { kind: "hold" } }]);
  expect(journalled(world, "word-skipped")).toMatchObject([
    { place: 1, why: "it is no file" },
    { place: 2, why: "it is no word of canary" },
    { place: 3, why: "it has 1000000 bytes, and a word at most 65536" },
    { place: 4, why: "it is no word of canary" },
    { place: 5, why: "it is no word of canary" },
  ]);
  expect((await abort(world, id)).exit).toBe(31);
  expect((await outcome).exit).toBe(31);
});

test("a flood of garbage is one line, and the word behind it is taken", async () => {
  const world = engineWorld();
  const { id, inbox, outcome } = await underWay(world);
  for (let n = 1; n <= 300; n += 1) writeFileSync(join(inbox, `${n}.json`), "garbage");
  await world.store.post(id, word("hold"));
  await until(world, "held");
  const skipped = await eventually(
    () => Promise.resolve(journalled(world, "word-skipped")),
    (notes) => notes.at(-1)?.place === 300,
  );
  // The flood may be read while it still rises.
  expect(skipped.length).toBeLessThan(50);
  await abort(world, id);
  expect((await outcome).exit).toBe(31);
});

test("the next process goes on behind what was read, garbage included: no word is taken twice", async () => {
  const world = engineWorld();
  const { id, inbox, outcome, signals } = await underWay(world);
  writeFileSync(join(inbox, "1.json"), "garbage");
  await world.store.post(id, word("hold"));
  await until(world, "held");
  await world.store.post(id, word("resume"));
  await until(world, "resumed");
  // The runner leaves at once, as if it had died.
  world.onWrite = () => new Promise(() => undefined);
  signals.send("SIGINT");
  signals.send("SIGINT");
  expect((await outcome).kind).toBe("left");
  world.onWrite = () => Promise.resolve(null);
  const next = takeOver(world.engine(), id, {
    mode: "continue",
    cause: null,
    overwrite: false,
    pastIrreversible: false,
    afterPromoted: false,
    signals: testSignals(),
  });
  await world.store.post(id, word("hold"));
  await until(world, "word-received", 3);
  expect(journalled(world, "word-received").map(({ place }) => place)).toEqual([2, 3, 4]);
  expect(journalled(world, "word-skipped").map(({ place }) => place)).toEqual([1]);
  expect((await abort(world, id)).exit).toBe(31);
  expect((await next).exit).toBe(31);
});
