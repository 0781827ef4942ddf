import type { Action, Check, Evidence, Stage } from "../../core/plan.ts";
import type { Preview } from "../../drivers/driver.ts";
import { builtInDrivers } from "../../drivers/registry.ts";
import { fillJson } from "../../drivers/template.ts";
import { renderPlan } from "../../report/plan-view.ts";
import { chooseSandbox, type SandboxOption } from "../choose-sandbox.ts";
import { print, printJson } from "../print.ts";
import { loadPlanFile, planPath, type PlanOptions } from "../read-plan.ts";
import { tellDiagnostics } from "../tell-diagnostics.ts";

interface Options extends PlanOptions {
  readonly sandbox?: SandboxOption;
  readonly json?: boolean;
}

/** Shows every command that a plan will run. Runs nothing and reads no target. */
export async function plan(given: readonly string[], options: Options): Promise<number> {
  const { sandbox, args } = chooseSandbox(options.sandbox, given);
  const path = planPath("plan", args, options);
  const url = sandbox.kind === "at" ? sandbox.url : null;
  const { text, source, diagnostics } = await loadPlanFile(path, options, {
    useExamples: true,
    sandbox: url,
  });
  tellDiagnostics(path, text, diagnostics);
  if (source === null) return 2;
  if (options.json === true) printJson({ digest: source.digest, plan: source.plan });
  else print(renderPlan({ ...source, preview: previewAction, previewCheck, previewEvidence }));
  return 0;
}

function previewAction(action: Action, stage: Stage | null): readonly Preview[] {
  const { driver, share, connection, role } = action;
  if (role === "release") return [{ does: "hands the router back", undo: "the share before" }];
  const found = builtInDrivers().actions.get(driver);
  if (found === undefined) throw new Error(`no driver ${driver}`);
  // What is known before the start is filled in; everything else stays a reference.
  const input = fillJson(action.input, (name) => {
    if (name === "traffic") return share ?? undefined;
    if (name === "stage.name") return stage?.name;
    if (name === "stage.folder") return stage?.folder;
    return name === "stage.traffic" ? (stage?.share ?? undefined) : undefined;
  });
  return found.preview({ input, share, connectionName: connection });
}

function previewCheck(check: Pick<Check, "name" | "driver" | "input">): string {
  if (check.driver === "confirm")
    return `a person says yes to ${JSON.stringify(check.input["question"])} with \`canary confirm ID ${check.name}\``;
  const found = builtInDrivers().checks.get(check.driver);
  return found === undefined ? check.driver : found.preview(check.input);
}

function previewEvidence({ driver, input }: Evidence): string {
  const found = builtInDrivers().evidence.get(driver);
  if (found !== undefined) return found.preview(input);
  const { metric, metrics } = input;
  return Array.isArray(metrics)
    ? `a table of ${metrics.join(", ")}`
    : `the value of ${typeof metric === "string" ? metric : driver}`;
}
