import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import type { Event } from "../../src/core/event.ts";
import type { Json } from "../../src/core/units.ts";
import type { Outcome } from "../../src/engine/ports.ts";
import { startRollout } from "../../src/engine/start-rollout.ts";
import { takeOver } from "../../src/engine/take-over.ts";
import { createChain } from "../../src/evidence/journal-line.ts";
import { engineWorld, quickPlan, testSignals, type EngineWorld } from "../support/engine-world.ts";
import { eventually } from "../support/sandbox-client.ts";

// What a resume does with what it finds. A call that nobody can look at, the soak and the windows that begin anew are those of
// core/takeover-state.test.ts; a plan that was changed is that of intact-copies.test.ts.

interface Left {
  readonly world: EngineWorld;
  readonly id: string;
  readonly lines: readonly string[];
}

/** A rollout whose runner died right behind a line of its journal, which named `pilot/traffic`; its target reads `weight`. */
async function diedAt(kind: Event["kind"], weight: Json): Promise<Left> {
  const first = engineWorld();
  const { promise, resolve } = Promise.withResolvers<string>();
  const signals = testSignals();
  const outcome = startRollout(first.engine(), quickPlan(50), {
    signals,
    acceptLive: false,
    onRollout: (rollout) => Promise.resolve(resolve(rollout)),
  });
  const id = await promise;
  await outcome;
  const world = engineWorld();
  for (const name of ["plan.json", "rollback.json"])
    cpSync(join(first.evidence, id, name), join(world.evidence, id, name));
  const whole = readFileSync(join(first.evidence, id, "journal.1.ndjson"), "utf8").split("\n");
  const last = whole.findIndex(
    (line) => line.includes(`"kind":"${kind}"`) && line.includes("pilot/traffic"),
  );
  const lines = whole.slice(0, last + 1);
  writeFileSync(join(world.evidence, id, "journal.1.ndjson"), `${lines.join("\n")}\n`);
  world.values.set("image", { present: true, value: "v2" });
  world.values.set("weight", { present: true, value: weight });
  return { world, id, lines };
}

function resume({ world, id }: Left): {
  readonly outcome: Promise<Outcome>;
  readonly signals: ReturnType<typeof testSignals>;
} {
  const signals = testSignals();
  const outcome = takeOver(world.engine(), id, {
    mode: "continue",
    cause: null,
    overwrite: false,
    pastIrreversible: false,
    afterPromoted: false,
    signals,
  });
  return { outcome, signals };
}

/** Holds with the difference, writes nothing; a person's abort then leaves alone what is somebody else's. */
async function expectHeld(left: Left, diff: RegExp): Promise<void> {
  const { outcome, signals } = resume(left);
  const held = await eventually(
    () => Promise.resolve(left.world.entries.find(({ event }) => event.kind === "held")),
    (entry) => entry !== undefined,
  );
  expect(held?.event).toMatchObject({
    hold: { kind: "differs", why: expect.stringMatching(diff) },
  });
  expect(left.world.writes).toEqual([]);
  signals.send("SIGINT");
  signals.send("SIGINT");
  await outcome;
}

test.each([
  ["has happened: it is taken as done", 10],
  ["has not happened: it is made again", 0],
])("an intent without an outcome that %s, and the rollout goes on to its end", async (_, live) => {
  const left = await diedAt("action-intended", live);
  const { outcome } = resume(left);
  expect((await outcome).exit).toBe(0);
  expect(left.world.values.get("weight")).toEqual({ present: true, value: 100 });
  const at = left.world.writes.map(({ epoch, key, value }) => [epoch, key, value]);
  // Absolute and idempotent: written again in either case, once, and what has its outcome is not.
  expect(at).toEqual([10, 100].map((value) => [2, "weight", { present: true, value }]));
});

test("an intent without an outcome whose target says something else holds, and shows the difference", async () => {
  await expectHeld(await diedAt("action-intended", 77), /weight.*77/u);
});

test("an intent with its outcome is looked at again: what somebody changed since holds, and is shown", async () => {
  await expectHeld(await diedAt("action-finished", 42), /weight.*42.*10|weight.*10.*42/u);
});

test("an abort that was claimed and did nothing yet: a resume can only go back", async () => {
  const left = await diedAt("action-finished", 10);
  const { world, id, lines } = left;
  const line = lines.at(-1) ?? "";
  const { seq } = JSON.parse(line) as { readonly seq: number };
  const [first = ""] = lines;
  const { event } = JSON.parse(first) as { readonly event: Extract<Event, { kind: "claimed" }> };
  const cause = { kind: "abort", text: "enough", by: "anna" } as const;
  const entry = { at: Date.now(), mono: 0, epoch: 2, actor: "anna", seq: seq + 1 };
  const claim = createChain({ seq, line }).line({
    ...entry,
    event: { ...event, mode: "rollback", cause },
  });
  expect(await world.store.claim(id, 2, claim)).toBe("claimed");
  const { outcome } = resume(left);
  expect((await outcome).exit).toBe(31);
  expect(world.values.get("weight")).toEqual({ present: true, value: 0 });
  expect(world.values.get("image")).toEqual({ present: true, value: "v1" });
  expect(world.writes.every(({ epoch }) => epoch === 3)).toBe(true);
});
