import { resolve } from "node:path";

import { expect } from "vitest";

import { loadPlanFile } from "../../src/cli/read-plan.ts";
import { builtInDrivers } from "../../src/drivers/registry.ts";
import { rehearse } from "../../src/engine/rehearse.ts";
import { loadScenario } from "../../src/plan/scenario/load-scenario.ts";
import { describeEvent } from "../../src/report/describe-event.ts";
import { createMemoryStore } from "../../src/store/memory-store.ts";

export interface Rehearsed {
  readonly exit: number;
  /** Everything that `canary rehearse --output plain` says, without the times. */
  readonly text: string;
}

type Source = NonNullable<Awaited<ReturnType<typeof loadPlanFile>>["source"]>;

/** Plans are read once for all their cases: reading one takes as long as running it. */
const loaded = new Map<string, Promise<Source>>();

async function load(name: string, set: readonly string[]): Promise<Source> {
  const { source, diagnostics } = await loadPlanFile(
    resolve(import.meta.dirname, `../../plans/${name}.yaml`),
    { set },
    { useExamples: true, sandbox: null },
  );
  expect(diagnostics).toEqual([]);
  if (source === null) throw new Error(`${name} can not be loaded`);
  return source;
}

/** Rehearses a plan of `plans/`, as `canary rehearse` does, in this process: many cases in little time. */
export async function rehearsePlan(
  name: string,
  set: readonly string[],
  broken: object,
): Promise<Rehearsed> {
  const key = JSON.stringify([name, set]);
  const loading = loaded.get(key) ?? load(name, set);
  loaded.set(key, loading);
  const source = await loading;
  const text = JSON.stringify({ apiVersion: "canary/v1", kind: "Scenario", ...broken });
  const script = loadScenario({ path: "scenario.json", text }, source.plan);
  expect(script.diagnostics).toEqual([]);
  const scene = { plan: source.plan, rollout: "rehearsal", evidence: null };
  const lines: string[] = [];
  const outcome = await rehearse(source, {
    scenario: script.scenario,
    catalog: builtInDrivers(),
    observe: ({ event }) => {
      const line = describeEvent(event, scene);
      lines.push(line.text, ...line.more);
    },
    store: createMemoryStore(),
    start: Date.parse("2026-01-05T09:00:00Z"),
  });
  return { exit: outcome.exit, text: lines.join("\n") };
}
