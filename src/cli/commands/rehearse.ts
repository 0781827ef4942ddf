import { readFile } from "node:fs/promises";

import { builtInDrivers } from "../../drivers/registry.ts";
import { rehearse } from "../../engine/rehearse.ts";
import { loadScenario } from "../../plan/scenario/load-scenario.ts";
import type { Scenario } from "../../plan/scenario/scenario.ts";
import { formatDuration } from "../../report/format-duration.ts";
import { createMemoryStore } from "../../store/memory-store.ts";
import { openRenderer, type OutputOptions } from "../open-renderer.ts";
import { tell } from "../print.ts";
import { loadPlanFile, planPath, type PlanOptions } from "../read-plan.ts";
import { tellDiagnostics } from "../tell-diagnostics.ts";
import { UsageError } from "../usage-error.ts";

interface Options extends OutputOptions, PlanOptions {
  readonly scenario?: string;
}

/** Runs a plan in virtual time. Exits with the code of the end. */
export async function rehearsePlan(args: readonly string[], options: Options): Promise<number> {
  const path = planPath("rehearse", args, options);
  const { text, source, diagnostics } = await loadPlanFile(path, options, {
    useExamples: true,
    sandbox: "http://sandbox.invalid",
  });
  tellDiagnostics(path, text, diagnostics);
  if (source === null) return 2;
  const scenario =
    options.scenario === undefined ? null : await read(options.scenario, source.plan);
  if (scenario === "wrong") return 2;
  const scene = { plan: source.plan, rollout: "rehearsal", evidence: null };
  const renderer = await openRenderer(options, scene, "elapsed");
  const start = Date.now();
  const began = performance.now();
  let end = start;
  const outcome = await rehearse(source, {
    scenario,
    catalog: builtInDrivers(),
    observe: (entry, text) => {
      end = entry.at;
      renderer.entry(entry, text);
    },
    store: createMemoryStore(),
    start,
  });
  const real = formatDuration(performance.now() - began);
  tell(`a rehearsal of ${formatDuration(end - start)} in ${real}: nothing was touched`);
  await renderer.close();
  return outcome.exit;
}

async function read(
  path: string,
  plan: Parameters<typeof loadScenario>[1],
): Promise<Scenario | "wrong"> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw unreadable(path, error);
  });
  const { scenario, diagnostics } = loadScenario({ path, text }, plan);
  tellDiagnostics(path, text, diagnostics);
  return scenario ?? "wrong";
}

function unreadable(path: string, error: unknown): UsageError {
  const code = error instanceof Error && "code" in error ? error.code : null;
  const message =
    code === "ENOENT"
      ? `there is no scenario ${path}`
      : `the scenario cannot be read: ${String(error)}`;
  return new UsageError(message, "--scenario FILE, where the file says what goes wrong and when");
}
