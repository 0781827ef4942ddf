import { expect, test } from "vitest";
import { z } from "zod";

import type { Condition } from "../../src/core/condition.ts";
import type { Action, Plan, Stage } from "../../src/core/plan.ts";
import type { ActionDriver, MetricDriver } from "../../src/drivers/driver.ts";
import type { JournalEntry, Outcome } from "../../src/engine/ports.ts";
import { rehearse } from "../../src/engine/rehearse.ts";
import type { DriverCatalog } from "../../src/plan/driver-catalog.ts";
import { healthyScenario, type Scenario } from "../../src/plan/scenario/scenario.ts";
import { createMemoryStore } from "../../src/store/memory-store.ts";

const MINUTE = 60_000;

function below(metric: string, value: number): Condition {
  return {
    kind: "metric",
    text: `${metric} < ${value}`,
    metric,
    over: null,
    operator: "<",
    limit: { kind: "number", value },
    for: 0,
  };
}

function above(metric: string, value: number): Condition {
  return { ...below(metric, value), operator: ">", text: `${metric} > ${value}` } as Condition;
}

function action(id: string, share: number | null): Action {
  return {
    id,
    title: id,
    driver: "put",
    connection: null,
    role: share === null ? "change" : "traffic",
    share,
    input: share === null ? { what: id } : { weight: "${traffic}" },
    timeout: 10_000,
    ready: 10_000,
    reversible: true,
    undo: "auto",
    onUnknown: "hold",
    outputs: {},
  };
}

function stage(name: string, share: number, soak: number): Stage {
  return {
    name,
    folder: `01-${name}`,
    share,
    actions: [action(`${name}/1-put`, null), action(`${name}/traffic`, share)],
    checks: ["smoke"],
    soak,
    within: 2 * soak,
    interval: 30_000,
    tolerate: 0,
    gates: [{ id: `${name}-errors`, condition: below("errors", 0.01) }],
    evidence: [],
  };
}

function planOf(stages: readonly Stage[]): Plan {
  return {
    apiVersion: "canary/v1",
    kind: "Plan",
    name: "test",
    about: { owner: null, tier: null, links: {} },
    params: {},
    connections: {},
    metrics: {
      errors: {
        name: "errors",
        driver: "numbers",
        connection: "numbers",
        unit: "ratio",
        query: {},
        minSamples: 0,
        window: MINUTE,
        baseline: null,
        maxAge: 10 * MINUTE,
        timeout: 5000,
      },
    },
    checks: {
      smoke: {
        name: "smoke",
        driver: "run",
        connection: null,
        input: {},
        interval: null,
        initialDelay: 0,
        timeout: 5000,
        failureThreshold: 1,
        successThreshold: 1,
        retries: 0,
        as: null,
      },
    },
    preflight: ["smoke"],
    stages,
    finish: [],
    triggers: [
      { id: "t1", name: "errors > 0.1", does: "rollback", condition: above("errors", 0.1) },
    ],
    rollback: {
      actions: [],
      gradual: null,
      verify: {
        wait: MINUTE,
        within: 10 * MINUTE,
        interval: 30_000,
        checks: ["smoke"],
        gates: [{ id: "v", condition: below("errors", 0.01) }],
      },
    },
    onRunnerLost: "rollback",
    maxBlind: 10 * MINUTE,
    interval: 30_000,
  };
}

const put = {
  kind: "put",
  description: "",
  connections: [],
  traffic: true,
  input: z.unknown(),
  style: () => "fields",
  preview: ({ input }) => [{ does: `put ${JSON.stringify(input)}`, undo: "put it back" }],
} as Partial<ActionDriver<unknown>> as ActionDriver<unknown>;

const numbers = { type: "numbers" } as Partial<MetricDriver<unknown, unknown>> as MetricDriver<
  unknown,
  unknown
>;

const catalog: DriverCatalog = {
  actions: new Map([["put", put]]),
  metrics: new Map([["numbers", numbers]]),
  checks: new Map(),
  evidence: new Map(),
  connections: new Map(),
  sinks: new Map(),
};

async function play(
  plan: Plan,
  scenario: Scenario | null,
): Promise<{ outcome: Outcome; entries: readonly JournalEntry[]; kinds: readonly string[] }> {
  const entries: JournalEntry[] = [];
  const outcome = await rehearse(
    { path: "test.yaml", text: "", plan, digest: "x" },
    {
      scenario,
      catalog,
      store: createMemoryStore(),
      observe: (entry) => void entries.push(entry),
      start: Date.UTC(2026, 0, 5),
    },
  );
  return { outcome, entries, kinds: entries.map(({ event }) => event.kind) };
}

const twoStages = planOf([stage("pilot", 1, 15 * MINUTE), stage("all", 100, 30 * MINUTE)]);

test("everything healthy: promoted after every soak", async () => {
  const { outcome, entries } = await play(twoStages, null);
  expect(outcome).toMatchObject({ kind: "ended", end: { kind: "promoted" }, exit: 0 });
  expect(entries.at(-1)?.mono).toBeGreaterThanOrEqual(45 * MINUTE);
});

test("a metric over its trigger goes back, and is verified", async () => {
  const { outcome, kinds } = await play(twoStages, {
    ...healthyScenario,
    metrics: {
      errors: [
        {
          stage: "all",
          after: 5 * MINUTE,
          gives: { kind: "value", value: 0.5, samples: null },
        },
        {
          stage: "all",
          after: 6 * MINUTE,
          gives: { kind: "value", value: 0, samples: null },
        },
      ],
    },
  });
  expect(outcome).toMatchObject({ end: { kind: "rolled-back", by: "machine" }, exit: 30 });
  expect(kinds).toContain("triggered");
  expect(kinds.indexOf("restored")).toBeGreaterThan(kinds.indexOf("rolling-back"));
  expect(kinds.indexOf("verified")).toBeGreaterThan(kinds.indexOf("restored"));
});

test("a metric that never comes holds, and goes back after maxBlind", async () => {
  const { outcome, kinds } = await play(twoStages, {
    ...healthyScenario,
    metrics: { errors: [{ stage: "pilot", after: MINUTE, gives: { kind: "noData" } }] },
  });
  expect(kinds).toContain("held");
  expect(outcome).toMatchObject({ end: { kind: "rollback-failed", certain: false }, exit: 41 });
});

test("an abort in the middle ends 31", async () => {
  const { outcome } = await play(twoStages, {
    ...healthyScenario,
    words: [{ stage: "pilot", after: 3 * MINUTE, word: { kind: "abort", reason: "enough" } }],
  });
  expect(outcome).toMatchObject({ end: { kind: "rolled-back", by: "abort" }, exit: 31 });
});

test("an undo that fails is never called rolled back", async () => {
  const { outcome } = await play(twoStages, {
    ...healthyScenario,
    writes: [{ stage: "pilot", after: 2 * MINUTE, field: "weight", kind: "failed" }],
    words: [{ stage: "pilot", after: 3 * MINUTE, word: { kind: "abort", reason: "enough" } }],
  });
  expect(outcome).toMatchObject({ end: { kind: "rollback-failed", certain: true }, exit: 40 });
});

test("a failing smoke test goes back", async () => {
  const { outcome } = await play(twoStages, {
    ...healthyScenario,
    checks: {
      smoke: [
        { stage: "pilot", after: 0, result: "fail" },
        { stage: "pilot", after: 5_000, result: "pass" },
      ],
    },
  });
  expect(outcome.exit).toBe(30);
});

test("a trigger that fires before the start refuses it: nothing was touched", async () => {
  const { outcome, kinds } = await play(twoStages, {
    ...healthyScenario,
    metrics: {
      errors: [{ stage: null, after: 0, gives: { kind: "value", value: 0.5, samples: null } }],
    },
  });
  expect(outcome).toMatchObject({ end: { kind: "refused" }, exit: 20 });
  expect(kinds).not.toContain("action-intended");
});

test("a day passes without a day being waited for", async () => {
  const day = planOf([stage("day", 10, 24 * 60 * MINUTE)]);
  const { outcome, entries } = await play(day, null);
  expect(outcome.exit).toBe(0);
  expect(entries.at(-1)?.mono).toBeGreaterThanOrEqual(24 * 60 * MINUTE);
});
