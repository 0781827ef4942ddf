import { readFile } from "node:fs/promises";

import type { PlanSource } from "../engine/ports.ts";
import type { Diagnostic } from "../plan/diagnostic.ts";
import type { DriverCatalog } from "../plan/driver-catalog.ts";
import { isPolicy } from "./policy/lint-policy.ts";
import { UsageError } from "./usage-error.ts";

export interface PlanOptions {
  readonly plan?: string;
  readonly set?: readonly string[];
}

export interface LoadOptions {
  /** Required parameters take their `example`: for lint, plan and rehearse. */
  readonly useExamples: boolean;
  /** Durations are multiplied by this; 1 leaves them. */
  readonly timeScale?: number;
  /** The playbook that is run: `--set` may then give its own parameters. */
  readonly playbook?: string;
  /** The address of the sandbox, for `${sandbox.url}`; null keeps the reference. */
  readonly sandbox: string | null;
}

export interface LoadedPlan {
  readonly text: string;
  /** Null when there are errors. */
  readonly source: PlanSource | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** The one plan file that the argument or `--plan` names. */
export function planPath(verb: string, args: readonly string[], options: PlanOptions): string {
  const [argument] = args;
  if (argument !== undefined && options.plan !== undefined && argument !== options.plan)
    throw new UsageError(`two plans: ${argument} and --plan ${options.plan}`, "name one of them");
  const path = argument ?? options.plan;
  if (path === undefined)
    throw new UsageError(
      "no plan is named",
      `canary ${verb} PLAN, or begin one with \`canary init\``,
    );
  return path;
}

/** Reads, checks and normalizes a plan file. Throws wrong usage when there is no such file. */
export async function loadPlanFile(
  path: string,
  options: PlanOptions,
  load: LoadOptions,
): Promise<LoadedPlan> {
  const text = await readText(path);
  if (/^kind:\s*["']?Scenario\b/mu.test(text))
    throw new UsageError(
      `${path} is a scenario, not a plan`,
      `canary rehearse PLAN --scenario ${path}`,
    );
  if (isPolicy(text))
    throw new UsageError(
      `${path} is a policy, not a plan`,
      `to check it: canary lint ${path}\nto put a plan under it: --policy ${path}`,
    );
  const [{ loadPlan }, { digestPlan }, catalog] = await Promise.all([
    import("../plan/load-plan.ts"),
    import("../plan/digest.ts"),
    builtIn(),
  ]);
  const { plan, diagnostics } = loadPlan(
    { path, text },
    {
      catalog,
      set: parseSet(options.set ?? []),
      useExamples: load.useExamples,
      ...(load.timeScale === undefined ? {} : { timeScale: load.timeScale }),
      ...(load.playbook === undefined ? {} : { playbook: load.playbook }),
      ...(load.sandbox === null ? {} : { urls: { "sandbox.url": load.sandbox } }),
    },
  );
  const source = plan === null ? null : { path, text, plan, digest: digestPlan(plan) };
  return { text, source, diagnostics };
}

async function builtIn(): Promise<DriverCatalog> {
  return (await import("../drivers/registry.ts")).builtInDrivers();
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "ENOENT")
      throw new UsageError(`there is no plan ${path}`, `begin one with: canary init ${path}`);
    if (code === "EISDIR") throw new UsageError(`${path} is a folder`, "name a plan file in it");
    throw new UsageError(`${path} cannot be read: ${String(error)}`);
  }
}

/** `--set k=v` as the plan loader takes it. */
function parseSet(pairs: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf("=");
      if (equals < 1)
        throw new UsageError(`--set ${pair} has no name and value`, `write --set name=value`);
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}
