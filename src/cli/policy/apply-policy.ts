import type { PlanSource } from "../../engine/ports.ts";
import { evaluatePolicy, type Evaluated } from "../../policy/evaluate-policy.ts";
import { loadPolicy } from "../../policy/load-policy.ts";
import { tellDiagnostics } from "../tell-diagnostics.ts";
import { approvalsFolder, readApprovals } from "./approval-files.ts";
import { changedPaths } from "./changed-paths.ts";
import { confirmCommand } from "./confirm-command.ts";
import { findPolicy, type FoundPolicy } from "./find-policy.ts";
import { overdueTasks } from "./overdue-tasks.ts";

export interface PolicyOptions {
  readonly policy?: string;
  readonly approvals?: string;
  readonly changedSince?: string;
  readonly evidence?: string;
  readonly set?: readonly string[];
}

/** A plan under its policy. */
export interface Applied {
  readonly found: FoundPolicy;
  readonly evaluated: Evaluated;
  /** The plan with what the policy asks for: this is what is started. */
  readonly source: PlanSource;
  /** The command by which somebody confirms before the start; `NAME` stands for what. */
  readonly command: string;
}

/**
 * Puts a plan under the policy in force. `none` without one; `wrong` when the policy has errors, which were told: a policy
 * that cannot be read lets nothing through.
 */
export async function applyPolicy(
  source: PlanSource,
  options: PolicyOptions,
  timeScale = 1,
): Promise<Applied | "none" | "wrong"> {
  const found = await findPolicy(options.policy, source.path);
  if (found === null) return "none";
  const { builtInDrivers } = await import("../../drivers/registry.ts");
  const params = new Map(Object.entries(source.plan.params) as [string, string][]);
  const { policy, diagnostics } = loadPolicy(found, { catalog: builtInDrivers(), params });
  tellDiagnostics(found.path, found.text, diagnostics);
  if (policy === null) return "wrong";
  const revisions = [policy.changedSince, options.changedSince].filter((each) => each != null);
  const changes =
    policy.paths.length === 0
      ? ({ kind: "known", since: "", paths: [] } as const)
      : await changedPaths([...new Set(revisions)], process.cwd());
  const command = confirmCommand(source.path, options);
  const evaluated = evaluatePolicy(source.plan, policy, {
    changes,
    now: Date.now(),
    timeScale,
    overdue: await overdueTasks(source.plan.name, options.evidence),
    given: await readApprovals(approvalsFolder(options.approvals)),
    command,
  });
  const { plan, digest } = evaluated;
  return { found, evaluated, source: { ...source, plan, digest }, command };
}
