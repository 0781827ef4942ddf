import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

import type { Change, Field, FieldValue } from "../../src/core/field.ts";
import type { Plan } from "../../src/core/plan.ts";
import type { ActionDriver, Answer, DriverContext, Failure } from "../../src/drivers/driver.ts";
import type { Engine, JournalEntry, PlanSource } from "../../src/engine/ports.ts";
import { readText } from "../../src/engine/read-text.ts";
import type { SignalPort } from "../../src/engine/signals.ts";
import { systemClock } from "../../src/engine/system-clock.ts";
import { systemProcesses } from "../../src/engine/system-processes.ts";
import { writeFileAtomic } from "../../src/evidence/write-file.ts";
import type { DriverCatalog } from "../../src/plan/driver-catalog.ts";
import { createFileStore } from "../../src/store/file-store.ts";
import type { Store } from "../../src/store/store.ts";
import { afterTest } from "./after-test.ts";
import { folderOfRun } from "./folder-of-run.ts";

export interface Write {
  readonly rollout: string;
  readonly epoch: number;
  readonly key: string;
  readonly value: FieldValue;
}

/** A target in this process: values by key, every write that took effect, and ways to break it. */
export interface EngineWorld {
  readonly evidence: string;
  readonly values: Map<string, FieldValue>;
  readonly writes: Write[];
  readonly entries: JournalEntry[];
  readonly store: Store;
  /** Called before each write; what it gives is the answer, and null lets it through. */
  onWrite: (change: Change, context: DriverContext) => Promise<Failure | null>;
  metric: () => number | null;
  engine(store?: Store): Engine;
}

const input = z.strictObject({ key: z.string(), value: z.json() });

/** Builds the world with `weight` 0 and `image` v1. */
export function engineWorld(): EngineWorld {
  const evidence = mkdtempSync(join(folderOfRun(), "engine-"));
  afterTest(() => rmSync(evidence, { recursive: true, force: true, maxRetries: 5 }));
  const world: EngineWorld = {
    evidence,
    values: new Map([
      ["weight", { present: true, value: 0 }],
      ["image", { present: true, value: "v1" }],
    ]),
    writes: [],
    entries: [],
    store: createFileStore(evidence),
    onWrite: () => Promise.resolve(null),
    metric: () => 0,
    engine: (store) => engineOf(world, store ?? createFileStore(evidence)),
  };
  return world;
}

function engineOf(world: EngineWorld, store: Store): Engine {
  return {
    clock: systemClock,
    store,
    elsewhere: (where) => ({ store: createFileStore(where), evidence: where }),
    evidence: world.evidence,
    writeEvidence: (path, text, mode) => writeFileAtomic(path, text, { mode }),
    readEvidence: readText,
    processes: systemProcesses,
    sealHead: () => Promise.resolve(),
    sealRollout: () => Promise.resolve(),
    catalog: catalogOf(world),
    exec: () => () => Promise.reject(new Error("nothing is run here")),
    http: () => () => Promise.reject(new Error("nothing is sent here")),
    secret: (reference) => new Error(`no ${reference}`),
    by: "tester",
    observe: (entry) => void world.entries.push(entry),
  };
}

function catalogOf(world: EngineWorld): DriverCatalog {
  const put: ActionDriver<z.infer<typeof input>> = {
    kind: "put",
    description: "",
    connections: [],
    traffic: true,
    input,
    style: () => "fields",
    preview: () => [{ does: "put", undo: "put back" }],
    changes: ({ input: { key, value }, share }) =>
      Promise.resolve({
        kind: "ok",
        value: [{ field: fieldOf(key), value: { present: true, value: share ?? value } }],
      }),
    read: (fields) =>
      Promise.resolve({
        kind: "ok",
        value: fields.map((field) => ({
          field,
          value: world.values.get(field.key) ?? { present: false },
          mark: null,
        })),
      }),
    write: (changes, context) => write(world, changes, context),
    settle: () => Promise.resolve({ kind: "ok", value: null }),
    call: () => Promise.resolve({ kind: "failed", why: "put has no call" }),
    permissions: () => Promise.resolve([]),
  };
  return {
    actions: new Map([["put", put as ActionDriver<unknown>]]),
    metrics: new Map([
      [
        "numbers",
        {
          type: "numbers",
          description: "",
          config: z.unknown(),
          query: z.unknown(),
          window: () => 0,
          unit: () => "ratio",
          lint: () => [],
          open: () => ({
            sample: () => {
              const value = world.metric();
              return Promise.resolve(
                value === null
                  ? { kind: "noData", why: "nothing there" }
                  : { kind: "value", value, samples: null, observedAt: null },
              );
            },
            close: () => undefined,
          }),
        },
      ],
    ]),
    checks: new Map(),
    evidence: new Map(),
    connections: new Map(),
    sinks: new Map(),
  };
}

async function write(
  world: EngineWorld,
  changes: readonly Change[],
  context: DriverContext,
): Promise<Answer<null>> {
  for (const change of changes) {
    const failure = await world.onWrite(change, context);
    if (failure !== null) return failure;
    const { rollout, epoch } = context;
    world.values.set(change.field.key, change.value);
    world.writes.push({ rollout, epoch, key: change.field.key, value: change.value });
  }
  return { kind: "ok", value: null };
}

function fieldOf(key: string): Field {
  return {
    key,
    target: `target of ${key}`,
    driver: "put",
    connection: null,
    ref: null,
    label: key,
  };
}

/** Signals that a test sends itself. */
export function testSignals(): SignalPort & { send(name: string): void } {
  const calls: ((name: string, nth: number) => void)[] = [];
  let count = 0;
  return {
    onSignal(call) {
      calls.push(call);
      return () => void calls.splice(calls.indexOf(call), 1);
    },
    send(name) {
      count += 1;
      for (const call of calls) call(name, count);
    },
  };
}

/** A plan that sets `image` to v2, shifts `weight` to 10 and then 100, and soaks `soak` milliseconds in each stage. */
export function quickPlan(soak = 100): PlanSource {
  const gate = (id: string) => ({
    id,
    condition: {
      kind: "metric" as const,
      text: "errors < 1",
      metric: "errors",
      over: null,
      operator: "<" as const,
      limit: { kind: "number" as const, value: 1 },
      for: 0,
    },
  });
  const action = (id: string, key: string, value: string | number, share: number | null) => ({
    id,
    title: `${key} = ${value}`,
    driver: "put",
    connection: null,
    role: share === null ? ("change" as const) : ("traffic" as const),
    share,
    input: { key, value },
    timeout: 5000,
    ready: 5000,
    reversible: true,
    undo: "auto" as const,
    onUnknown: "hold" as const,
    outputs: {},
  });
  const stage = (name: string, share: number, changes: ReturnType<typeof action>[]) => ({
    name,
    folder: name,
    share,
    actions: [...changes, action(`${name}/traffic`, "weight", share, share)],
    checks: [],
    soak,
    within: soak * 10 + 5000,
    interval: 25,
    tolerate: 0,
    gates: [gate(`${name}-errors`)],
    evidence: [],
  });
  const plan: Plan = {
    apiVersion: "canary/v1",
    kind: "Plan",
    name: "quick",
    about: { owner: null, tier: null, links: {} },
    params: {},
    connections: {},
    metrics: {
      errors: {
        name: "errors",
        driver: "numbers",
        connection: "numbers",
        unit: "none",
        query: {},
        minSamples: 0,
        window: 0,
        baseline: null,
        maxAge: 60_000,
        timeout: 2000,
      },
    },
    checks: {},
    preflight: [],
    stages: [
      stage("pilot", 10, [action("pilot/image", "image", "v2", null)]),
      stage("all", 100, []),
    ],
    finish: [],
    triggers: [
      {
        id: "t",
        name: "errors > 5",
        does: "rollback",
        condition: {
          ...gate("t").condition,
          text: "errors > 5",
          operator: ">",
          limit: { kind: "number", value: 5 },
        },
      },
    ],
    rollback: {
      actions: [],
      gradual: null,
      verify: { wait: 10, within: 2000, interval: 25, checks: [], gates: [gate("verify")] },
    },
    onRunnerLost: "rollback",
    maxBlind: 300,
    interval: 25,
  };
  return { path: "quick.yaml", text: "quick", plan, digest: "digest" };
}
