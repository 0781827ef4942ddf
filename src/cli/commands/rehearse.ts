import { readFile } from "node:fs/promises";

import { builtInDrivers } from "../../drivers/registry.ts";
import type { PlanSource } from "../../engine/ports.ts";
import { rehearse } from "../../engine/rehearse.ts";
import { loadScenario } from "../../plan/scenario/load-scenario.ts";
import type { Scenario } from "../../plan/scenario/scenario.ts";
import { formatDuration } from "../../report/format-duration.ts";
import { line, type Line } from "../../report/line.ts";
import { createMemoryStore } from "../../store/memory-store.ts";
import { openRenderer, type OutputOptions } from "../open-renderer.ts";
import type { PolicyOptions } from "../policy/apply-policy.ts";
import { tell } from "../print.ts";
import { loadPlanFile, planPath, type PlanOptions } from "../read-plan.ts";
import { tellDiagnostics } from "../tell-diagnostics.ts";
import { UsageError } from "../usage-error.ts";

interface Options extends OutputOptions, PlanOptions, PolicyOptions {
  readonly scenario?: string;
}

/**
 * Runs a plan in virtual time, with the words that its policy asks for as if they were given. Exits with the code of the
 * end; with 22 where the policy would refuse the plan whatever anybody says.
 */
export async function rehearsePlan(args: readonly string[], options: Options): Promise<number> {
  const path = planPath("rehearse", args, options);
  const {
    text,
    source: bare,
    diagnostics,
  } = await loadPlanFile(path, options, {
    useExamples: true,
    sandbox: "http://sandbox.invalid",
  });
  tellDiagnostics(path, text, diagnostics);
  if (bare === null) return 2;
  const scenario = options.scenario === undefined ? null : await read(options.scenario, bare.plan);
  if (scenario === "wrong") return 2;
  const governed = await underPolicy(bare, options);
  if (typeof governed === "number") return governed;
  const { source, told } = governed;
  const scene = { plan: source.plan, rollout: "rehearsal", evidence: null };
  const renderer = await openRenderer(options, scene, "elapsed");
  if (told !== null) renderer.say(told);
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

/** What only stands in the way today, and not of the plan: a rehearsal is about no day. */
const OF_TODAY = new Set(["freeze", "tasks"]);

/** The plan with what the policy adds to it, and what people would be asked for; the exit code where it is refused. */
async function underPolicy(
  source: PlanSource,
  options: PolicyOptions,
): Promise<{ readonly source: PlanSource; readonly told: Line | null } | number> {
  const { applyPolicy } = await import("../policy/apply-policy.ts");
  const applied = await applyPolicy(source, options);
  if (applied === "none") return { source, told: null };
  if (applied === "wrong") return 2;
  const { policyLines } = await import("../policy/policy-lines.ts");
  const lines = policyLines(applied);
  const refused = applied.evaluated.problems.some(
    ({ rule, isMissingWord }) => !isMissingWord && !OF_TODAY.has(rule),
  );
  if (refused) {
    tell(["not rehearsed: the policy would not let it start (exit 22)", ...lines].join("\n"));
    return 22;
  }
  const told = line("step", "the words that the policy asks for are played as if given", lines);
  return { source: applied.source, told };
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
