import { readFileSync } from "node:fs";

import { onTestFinished } from "vitest";

import type { Plan } from "../../../src/core/plan.ts";
import { createExec } from "../../../src/drivers/exec.ts";
import { createHttp } from "../../../src/drivers/http.ts";
import { builtInDrivers } from "../../../src/drivers/registry.ts";
import { attemptCheck } from "../../../src/engine/attempt-check.ts";
import type { Attempt } from "../../../src/engine/attempt-test.ts";
import { createRun } from "../../../src/engine/create-run.ts";
import type { Engine } from "../../../src/engine/ports.ts";
import { plainOptions, type Run } from "../../../src/engine/run.ts";
import { loadPlan } from "../../../src/plan/load-plan.ts";
import { engineWorld, quickPlan } from "../../support/engine-world.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** A run with the real drivers and ports, whose plan has the checks of a test. */
export interface CheckWorld {
  readonly run: Run;
  readonly folder: string;
  /** Makes the check `smoke` once. */
  readonly attempt: (signal?: AbortSignal) => Promise<Attempt>;
}

/** `checks` is YAML below `checks:`, in which FOLDER is a folder of the test. `epoch`: that of the process. */
export async function checkWorld(checks: string, epoch = 1): Promise<CheckWorld> {
  const temporary = await temporaryFolder();
  onTestFinished(() => temporary[Symbol.asyncDispose]());
  const folder = temporary.path;
  const plan = planWith(checks.replaceAll("FOLDER", folder));
  const identity = { rollout: "test-rollout", plan, digest: "digest", epoch };
  const run = createRun(realEngine(), identity, plainOptions, []);
  return {
    run,
    folder,
    attempt: (signal = new AbortController().signal) => {
      const check = plan.checks["smoke"];
      if (check === undefined) throw new Error("the plan has no check smoke");
      return attemptCheck(run, check, signal);
    },
  };
}

/** The engine of tests with real drivers and ports; `SECRET` is the one secret that is set. */
export function realEngine(world = engineWorld()): Engine {
  const engine = world.engine();
  const { checks, evidence } = builtInDrivers();
  return {
    ...engine,
    catalog: { ...engine.catalog, checks, evidence },
    exec: createExec,
    http: createHttp,
    secret: (reference) =>
      reference === "env:SECRET" ? "s3cret-value" : new Error(`no ${reference}`),
  };
}

/** The quick plan with these checks, of which the stage asks `smoke`. */
export function planWith(checks: string, sections = ""): Plan {
  const text = `apiVersion: canary/v1
kind: Plan
name: shop
connections:
  app-log: { type: log, file: unused.log }
checks:${checks}
${sections}
stages: [ { name: one, checks: [ smoke ] } ]
rollback: { verify: { checks: [ smoke ] } }
`;
  const options = { catalog: builtInDrivers(), set: {}, useExamples: true };
  const { plan, diagnostics } = loadPlan({ path: "plan.yaml", text }, options);
  if (plan === null) throw new Error(JSON.stringify(diagnostics, null, 1));
  const { checks: library, preflight } = plan;
  return { ...quickPlan().plan, checks: library, preflight };
}

/** Whether a process lives: one that is over and was not asked for its exit code yet does not. */
export function lives(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
  } catch {
    return false;
  }
}
