import type { Word } from "../../core/event.ts";
import { print, tell } from "../print.ts";
import { loadPlanFile, planPath, type PlanOptions } from "../read-plan.ts";
import { tellDiagnostics } from "../tell-diagnostics.ts";
import { parseTimeScale } from "../time-scale.ts";
import { UsageError } from "../usage-error.ts";
import { applyPolicy, type Applied, type PolicyOptions } from "./apply-policy.ts";
import { approvalsFolder, writeApproval } from "./approval-files.ts";
import { signWord } from "./sign-word.ts";

export interface ConfirmOptions extends PolicyOptions, PlanOptions {
  readonly reason?: string;
  readonly by?: string;
  readonly key?: string;
  readonly sandbox?: string;
  readonly timeScale?: string;
  readonly no?: boolean;
}

/** Gives a confirmation that a plan's policy asks for, before its start: a signed file for whoever starts it. */
export async function confirmBefore(
  names: readonly string[],
  options: ConfirmOptions,
): Promise<number> {
  const applied = await governed(options);
  if (applied === null) return 2;
  const { plan, digest } = applied.source;
  const asked = plan.preflight.filter((name) => plan.checks[name]?.driver === "confirm");
  const [name] = names;
  if (name === undefined) return tellAsked(applied, asked);
  if (!asked.includes(name))
    throw new UsageError(
      `nothing asks for a confirmation ${name} of this plan`,
      asked.length === 0 ? "none is asked for" : `asked for: ${asked.join(", ")}`,
    );
  const word: Word = {
    kind: "confirm",
    by: "",
    reason: options.reason ?? "",
    check: name,
    yes: options.no !== true,
    stage: null,
    hold: null,
  };
  const { key, by } = options;
  const signed = await signWord(word, { plan, digest, rollout: null, key, by });
  const path = await writeApproval(approvalsFolder(options.approvals), signed);
  print(path);
  const says = signed.yes ? "yes" : "no";
  tell(
    `${signed.by} says ${says} to ${name}, of plan ${plan.name} ${digest.slice(0, 12)}, tier ${applied.evaluated.tier}, ` +
      `until ${signed.proof?.expires ?? ""}\nwhoever starts it needs this file: --approvals FOLDER (default: approvals)`,
  );
  return 0;
}

async function governed(options: ConfirmOptions): Promise<Applied | null> {
  const path = planPath("confirm", [], options);
  const scale =
    options.timeScale === undefined ? {} : { timeScale: parseTimeScale(options.timeScale) };
  const { text, source, diagnostics } = await loadPlanFile(path, options, {
    useExamples: false,
    sandbox: options.sandbox ?? null,
    ...scale,
  });
  tellDiagnostics(path, text, diagnostics);
  if (source === null) return null;
  const applied = await applyPolicy(source, options, scale.timeScale);
  if (applied === "wrong") return null;
  if (applied === "none")
    throw new UsageError(
      "there is no policy, so nobody has to confirm before the start",
      "name one with --policy FILE",
    );
  return applied;
}

function tellAsked({ evaluated, source }: Applied, asked: readonly string[]): number {
  const open = evaluated.problems.filter(({ isMissingWord }) => isMissingWord);
  const why = evaluated.because.join("; ");
  print(`plan ${source.plan.name} ${source.digest.slice(0, 12)}, tier ${evaluated.tier}: ${why}`);
  for (const { message, fix } of open) print(`- ${message}\n  ${fix}`);
  if (open.length === 0)
    print(asked.length === 0 ? "nobody has to confirm it" : "everything asked for is confirmed");
  return 0;
}
