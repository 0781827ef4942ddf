import { resolve } from "node:path";

import { expect } from "vitest";

import { loadPlanFile } from "../../src/cli/read-plan.ts";
import type { End } from "../../src/core/ending.ts";
import type { Plan } from "../../src/core/plan.ts";
import { builtInDrivers } from "../../src/drivers/registry.ts";
import type { JournalEntry } from "../../src/engine/ports.ts";
import { rehearse } from "../../src/engine/rehearse.ts";
import { loadScenario } from "../../src/plan/scenario/load-scenario.ts";
import { describeEvent } from "../../src/report/describe-event.ts";
import { renderReport } from "../../src/report/report-markdown.ts";
import type { Notice } from "../../src/sinks/sink.ts";
import { createMemoryStore } from "../../src/store/memory-store.ts";

export interface Rehearsed {
  readonly exit: number;
  readonly end: End;
  readonly plan: Plan;
  /** What `canary rehearse` says, without times and measurements; and what was told and taken. */
  readonly text: string;
  readonly entries: readonly JournalEntry[];
  /** The evidence by its path in the folder of the rollout, the report among it. */
  readonly files: ReadonlyMap<string, string>;
  /** Whom it told what. */
  readonly told: readonly { readonly to: string; readonly notice: Notice }[];
  /** The commands that reactions ran. */
  readonly ran: readonly (readonly string[])[];
}

type Source = NonNullable<Awaited<ReturnType<typeof loadPlanFile>>["source"]>;

/** Plans are read once for all their cases: reading one takes as long as running it. */
const loaded = new Map<string, Promise<Source>>();

/** A plan of `plans/` as it is resolved with these parameters. */
export function loadedPlan(name: string, set: readonly string[]): Promise<Source> {
  const key = JSON.stringify([name, set]);
  const loading = loaded.get(key) ?? load(name, set);
  loaded.set(key, loading);
  return loading;
}

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
  const source = await loadedPlan(name, set);
  const text = JSON.stringify({ apiVersion: "canary/v1", kind: "Scenario", ...broken });
  const script = loadScenario({ path: "scenario.json", text }, source.plan);
  expect(script.diagnostics).toEqual([]);
  const scene = { plan: source.plan, rollout: "rehearsal", evidence: null };
  const lines: string[] = [];
  const entries: JournalEntry[] = [];
  const kept = openDesk();
  const { end, exit, state } = await rehearse(source, {
    scenario: script.scenario,
    catalog: builtInDrivers(),
    observe: (entry) => {
      entries.push(entry);
      if (entry.event.kind === "measured" || entry.event.kind === "timer-fired") return;
      const line = describeEvent(entry.event, scene);
      lines.push(line.text, ...line.more);
    },
    store: createMemoryStore(),
    start: Date.parse("2026-01-05T09:00:00Z"),
    desk: kept.desk,
  });
  const { plan, digest } = source;
  kept.files.set("report.md", renderReport({ plan, digest, entries, state }));
  const { files, told, ran } = kept;
  return { exit, end, plan, text: lines.join("\n"), entries, files, told, ran };
}

function openDesk() {
  const files = new Map<string, string>();
  const told: { to: string; notice: Notice }[] = [];
  const ran: (readonly string[])[] = [];
  const desk = {
    write(path: string, content: string | Uint8Array) {
      files.set(path.split("/").slice(2).join("/"), String(content));
    },
    tell: (to: string, notice: Notice) => void told.push({ to, notice }),
    run: (argv: readonly string[]) => void ran.push(argv),
  };
  return { files, told, ran, desk };
}
