import type { Word } from "../../core/event.ts";
import type { Governance } from "../../core/governance.ts";
import type { Check, Plan } from "../../core/plan.ts";
import type { PlanSource } from "../../engine/ports.ts";
import { approvalChecks, governanceOf } from "../../policy/govern-plan.ts";
import { loadPolicy } from "../../policy/load-policy.ts";
import { tierOf } from "../../policy/tier-of.ts";
import { tellDiagnostics } from "../tell-diagnostics.ts";
import { findPolicy } from "./find-policy.ts";
import { signWord } from "./sign-word.ts";

/** What a policy asks for before the changes of a playbook that runs on its own. */
export interface PlaybookPolicy {
  readonly governance: Governance;
  /** Confirmations, by name. */
  readonly checks: Readonly<Record<string, Check>>;
}

/**
 * What the policy in force says about a playbook; null without a policy, `wrong` where it has errors, which were told. What
 * a start has to bring along is not asked for: it is there for when something is wrong.
 */
export async function playbookPolicy(
  source: PlanSource,
  name: string,
  option: string | undefined,
): Promise<PlaybookPolicy | null | "wrong"> {
  const found = await findPolicy(option, source.path === "" ? "plan.yaml" : source.path);
  if (found === null) return null;
  const { builtInDrivers } = await import("../../drivers/registry.ts");
  const params = new Map(Object.entries(source.plan.params) as [string, string][]);
  const { policy, diagnostics } = loadPolicy(found, { catalog: builtInDrivers(), params });
  tellDiagnostics(found.path, found.text, diagnostics);
  if (policy === null) return "wrong";
  const nothing = { kind: "known", since: "", paths: [] } as const;
  const tiered = tierOf(policy, source.plan.about.tier, nothing);
  const question = `run the playbook ${name}`;
  const asked =
    policy.playbook === null
      ? [anybody(question)]
      : approvalChecks(policy.playbook, "playbook", question);
  return {
    governance: { ...governanceOf(policy, tiered), tasks: [] },
    checks: Object.fromEntries(asked.map((check) => [check.name, check])),
  };
}

/** One whom the policy knows, whoever it is. */
function anybody(question: string): Check {
  const [check] = approvalChecks({ anybody: 1 }, "playbook", question);
  if (check === undefined) throw new Error("no role was given");
  return { ...check, input: { question, count: 1, valid: null } };
}

/** The signed words of who runs a playbook: one for each confirmation whose role they hold. Empty where they hold none. */
export async function wordsForPlaybook(
  plan: Plan,
  digest: string,
  said: { readonly by: string | undefined; readonly key: string | undefined; reason: string },
): Promise<readonly Word[]> {
  const words: Word[] = [];
  for (const name of plan.preflight) {
    const bare: Word = {
      ...{ kind: "confirm", by: said.by ?? "", reason: said.reason, check: name, yes: true },
      ...{ stage: null, hold: null },
    };
    const { key, by } = said;
    const word = await signWord(bare, { plan, digest, rollout: null, key, by });
    const role = plan.checks[name]?.input["by"];
    const roles = plan.governance?.people[word.by]?.roles ?? [];
    if (typeof role !== "string" || roles.includes(role)) words.push(word);
  }
  return words;
}
