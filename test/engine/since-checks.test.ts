import { setTimeout as pause } from "node:timers/promises";

import { expect, test } from "vitest";
import { z } from "zod";

import type { Plan } from "../../src/core/plan.ts";
import type { CheckDriver, MetricDriver } from "../../src/drivers/driver.ts";
import { startRollout } from "../../src/engine/start-rollout.ts";
import { engineWorld, quickPlan, testSignals } from "../support/engine-world.ts";
import { check, when } from "../support/plan-builder.ts";

const FIVE_MINUTES = 300_000;
const LEAST = 1000;

type Over = NonNullable<MetricDriver<unknown, unknown>["over"]>;

/** Of which windows a source has something to say; gates ask about none, and it always has something for them. */
type Says = "of all" | "of the whole window" | "nothing";

/** Notes which windows are asked about. */
function notingSource(
  windows: number[],
  over: Over | undefined,
  says: Says,
): MetricDriver<unknown, unknown> {
  return {
    type: "numbers",
    description: "",
    config: z.unknown(),
    query: z.unknown(),
    window: () => null,
    unit: () => "ratio",
    ...(over === undefined ? {} : { over }),
    lint: () => [],
    open: () => ({
      sample(_query, window) {
        if (window > 0) windows.push(window);
        return Promise.resolve(
          window > 0 && says !== "of all" && (says === "nothing" || window < FIVE_MINUTES)
            ? { kind: "noData", why: "nothing there" }
            : { kind: "value", value: 0, samples: null, observedAt: null },
        );
      },
      close: () => undefined,
    }),
  };
}

/** A check that passes, at once or after some milliseconds. */
const passing = (takes: number | null): CheckDriver<unknown> => ({
  kind: "http",
  description: "",
  connections: [],
  input: z.unknown(),
  preview: () => "",
  async run() {
    if (takes !== null) await pause(takes);
    return { kind: "pass", detail: "", body: "" };
  },
});

/** Rolls a plan out whose stages have a check, or none, and whose trigger asks about five minutes. */
async function rollOut(
  has: "a check" | "no check",
  condition: string,
  {
    over,
    takes = null,
    says = takes === null ? "of the whole window" : "of all",
  }: { readonly over?: Over; readonly takes?: number | null; readonly says?: Says } = {},
): Promise<{ readonly windows: readonly number[]; readonly samples: readonly string[] }> {
  const world = engineWorld();
  const windows: number[] = [];
  const engine = world.engine();
  const source = quickPlan();
  const plan: Plan = {
    ...source.plan,
    checks: { breaks: check("breaks") },
    stages: source.plan.stages.map((stage) => ({
      ...stage,
      checks: has === "a check" ? ["breaks"] : [],
    })),
    triggers: [{ id: "t", name: "t", does: "rollback", condition: when(condition) }],
    maxBlind: 60_000,
  };
  const catalog = {
    ...engine.catalog,
    metrics: new Map([["numbers", notingSource(windows, over, says)]]),
    checks: new Map([["http", passing(takes)]]),
  };
  const ended = await startRollout(
    { ...engine, catalog },
    { ...source, plan },
    { signals: testSignals(), acceptLive: false, onRollout: () => Promise.resolve() },
  );
  expect(ended).toMatchObject({ end: { kind: "promoted" } });
  const samples = world.entries.flatMap(({ event }) =>
    event.kind === "measured" && event.key.includes("over") ? [event.sample.kind] : [],
  );
  return { windows, samples };
}

test("a window does not reach back into the checks of its stage, and need not have data at once", async () => {
  const { windows, samples } = await rollOut("a check", "errors over 5m > 5");
  // While the checks are made, and between two stages, it is the whole window.
  const cut = windows.filter((window) => window !== FIVE_MINUTES);
  expect(cut).not.toEqual([]);
  expect(Math.min(...cut)).toBeGreaterThanOrEqual(LEAST);
  expect(Math.max(...cut)).toBeLessThan(60_000);
  expect(samples).toContain("inconclusive");
});

test("a source that is silent about the whole window too is not excused: it may be dead", async () => {
  const { windows, samples } = await rollOut("a check", "errors over 5m > 5", { says: "nothing" });
  expect(Math.min(...windows)).toBeLessThan(60_000);
  expect(new Set(samples)).toEqual(new Set(["noData"]));
});

test("without checks it is the whole window", async () => {
  const { windows, samples } = await rollOut("no check", "errors over 5m > 5", { says: "nothing" });
  expect(new Set(windows)).toEqual(new Set([FIVE_MINUTES]));
  expect(new Set(samples)).toEqual(new Set(["noData"]));
});

test("whoever asks about the whole rollout is told of its checks too", async () => {
  const { windows } = await rollOut("a check", "errors over rollout > 5", { takes: 1200 });
  expect(windows.at(-1)).toBeGreaterThan(LEAST);
});

test.for(["placeholder", "ignored"] as const)(
  "the range of a server's own query is left alone: %s",
  async (over) => {
    const { windows } = await rollOut("a check", "errors over 5m > 5", { over });
    expect(new Set(windows)).toEqual(new Set([FIVE_MINUTES]));
  },
);
