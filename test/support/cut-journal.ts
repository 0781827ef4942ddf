import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "vitest";

import type { FieldValue } from "../../src/core/field.ts";
import type { Action, Plan } from "../../src/core/plan.ts";
import type { ActionDriver } from "../../src/drivers/driver.ts";
import type { Engine, JournalEntry, Outcome, PlanSource } from "../../src/engine/ports.ts";
import { startRollout } from "../../src/engine/start-rollout.ts";
import { takeOver } from "../../src/engine/take-over.ts";
import type { Store } from "../../src/store/store.ts";
import { engineWorld, quickPlan, testSignals, type EngineWorld } from "./engine-world.ts";
import { eventually } from "./sandbox-client.ts";

/** A rollout whose runner died in a soak; `at` says in which, by the number of soaks that began. */
export async function left(
  world: EngineWorld,
  source: PlanSource = quickPlan(60_000),
  at = 1,
): Promise<string> {
  const signals = testSignals();
  const { promise, resolve } = Promise.withResolvers<string>();
  const engine = world.engine();
  const mortal = mortalStore(engine.store);
  const outcome = startRollout({ ...engine, store: mortal.store }, source, {
    signals,
    acceptLive: false,
    onRollout: (rollout) => Promise.resolve(resolve(rollout)),
  });
  const id = await promise;
  const soaks = (): number => told(world, "soak-started").length;
  await eventually(
    () => Promise.resolve(soaks()),
    (n) => n >= at,
  );
  world.onWrite = () => new Promise(() => undefined);
  signals.send("SIGKILL");
  signals.send("SIGKILL");
  expect((await outcome).kind).toBe("left");
  await mortal.die();
  world.onWrite = () => Promise.resolve(null);
  return id;
}

/** A store that takes nothing more from a process that died: in this one it would go on writing what it had begun. */
function mortalStore(store: Store): { readonly store: Store; readonly die: () => Promise<void> } {
  const under = new Set<Promise<void>>();
  let dead = false;
  return {
    store: {
      ...store,
      append(...args) {
        if (dead) return new Promise(() => undefined);
        const done = store.append(...args);
        under.add(done);
        return done;
      },
    },
    async die() {
      dead = true;
      await Promise.allSettled(under);
    },
  };
}

/** What was said of one kind, with the epoch that said it. */
export function told<K extends JournalEntry["event"]["kind"]>(world: EngineWorld, kind: K) {
  return world.entries.flatMap(({ epoch, event }) =>
    event.kind === kind
      ? [{ epoch, event: event as Extract<JournalEntry["event"], { kind: K }> }]
      : [],
  );
}

/** Takes the line with this text, and all behind it, off a journal: it reads as a shorter one. */
export function cutFrom(world: EngineWorld, id: string, text: string, epoch = 1): void {
  const path = join(world.evidence, id, `journal.${epoch}.ndjson`);
  const lines = readFileSync(path, "utf8").split("\n");
  const at = lines.findIndex((line) => line.includes(text));
  expect(at).toBeGreaterThan(0);
  writeFileSync(path, `${lines.slice(0, at).join("\n")}\n`);
}

/** The engine of somebody on the machine where the runner died; `alive` says so of whoever acts later. */
export function after(world: EngineWorld, alive = false): Engine {
  const gone = { isHere: () => true, isAlive: () => alive, end: () => Promise.resolve(true) };
  const engine = world.engine();
  return { ...engine, processes: { ...engine.processes, ...gone } };
}

/** An abort, or a resume, by whoever has this engine. */
export function take(
  engine: Engine,
  rollout: string,
  mode: "rollback" | "continue" = "rollback",
  signals = testSignals(),
): Promise<Outcome> {
  const cause = { kind: "abort", text: "enough", by: "tester" } as const;
  return takeOver(engine, rollout, {
    mode,
    cause: mode === "rollback" ? cause : null,
    overwrite: false,
    pastIrreversible: false,
    afterPromoted: false,
    signals,
  });
}

/** What is there now. */
export function live(world: EngineWorld, key: string): unknown {
  const value = world.values.get(key);
  return value?.present === true ? value.value : undefined;
}

/** Why a way back failed; empty where it did not. */
export function whyOf(outcome: Outcome): string {
  return outcome.kind === "ended" && outcome.end.kind === "rollback-failed" ? outcome.end.why : "";
}

/** A value that is there. */
export const is = (value: string | number): FieldValue => ({ present: true, value });

/** The engine with its one driver changed. */
export function withDriver(engine: Engine, change: Partial<ActionDriver<unknown>>): Engine {
  const put = putOf(engine);
  return {
    ...engine,
    catalog: { ...engine.catalog, actions: new Map([["put", { ...put, ...change }]]) },
  };
}

/** The driver of the world. */
export function putOf(engine: Engine): ActionDriver<unknown> {
  const put = engine.catalog.actions.get("put");
  if (put === undefined) throw new Error("the world has no driver put");
  return put;
}

/** The plan of `quickPlan`, whose second stage first turns a flag on; and a world that has it off. */
export function flagged(soak = 60_000): {
  readonly world: EngineWorld;
  readonly source: PlanSource;
} {
  const world = engineWorld();
  world.values.set("flag", is("off"));
  const source = quickPlan(soak);
  const [pilot, all] = source.plan.stages;
  const image = pilot?.actions[0];
  if (pilot === undefined || all === undefined || image === undefined) throw new Error("no stages");
  const flag = { ...image, id: "all/flag", title: "flag", input: { key: "flag", value: "on" } };
  const stages = [pilot, { ...all, actions: [flag, ...all.actions] }];
  return { world, source: { ...source, plan: { ...source.plan, stages } } };
}

/** The same, with a call before the traffic of each stage; `calls` has what was called. */
export function calling(): {
  readonly world: EngineWorld;
  readonly source: PlanSource;
  readonly calls: string[];
  readonly driver: Partial<ActionDriver<unknown>>;
} {
  const { world, source } = flagged(200);
  const calls: string[] = [];
  const stages = source.plan.stages.map((stage) => {
    const [first, ...rest] = stage.actions;
    if (first === undefined) throw new Error("no action");
    const called = { ...first, input: { key: "call", value: stage.name } };
    const undo: Action = {
      ...called,
      id: `${stage.name}/undo`,
      input: { key: "call", value: `undo ${stage.name}` },
    };
    const call: Action = { ...called, id: `${stage.name}/call`, title: `call ${stage.name}`, undo };
    return { ...stage, actions: [first, call, ...rest] };
  });
  const inputOf = (input: unknown) => input as { readonly key: string; readonly value: string };
  return {
    world,
    calls,
    source: { ...source, plan: { ...source.plan, stages } },
    driver: {
      style: (input) => (inputOf(input).key === "call" ? "call" : "fields"),
      call: ({ input }) => {
        calls.push(inputOf(input).value);
        return Promise.resolve({ kind: "ok", value: { body: null } });
      },
    },
  };
}

/** The last stage is one that stays. */
export function slowAtLast(plan: Plan): Plan {
  const last = plan.stages.length - 1;
  const stages = plan.stages.map((each, at) =>
    at === last ? { ...each, soak: 60_000, within: 600_000 } : each,
  );
  return { ...plan, stages };
}
