import { parsePercent } from "../../plan/scalars/parse-percent.ts";
import { comparisonsOf, type ExpectedTraffic } from "../../report/comparisons.ts";
import { renderPlan } from "../../report/plan-view.ts";
import { chooseSandbox, type SandboxOption } from "../choose-sandbox.ts";
import { previewAction, previewCheck, previewEvidence } from "../preview.ts";
import { print, printJson } from "../print.ts";
import { loadPlanFile, planPath, type PlanOptions } from "../read-plan.ts";
import { tellDiagnostics } from "../tell-diagnostics.ts";
import { UsageError } from "../usage-error.ts";

interface Options extends PlanOptions {
  readonly sandbox?: SandboxOption;
  readonly json?: boolean;
  readonly requests?: string;
  readonly eventRate?: string;
}

/** Shows every command that a plan will run. Runs nothing and reads no target. */
export async function plan(given: readonly string[], options: Options): Promise<number> {
  const { sandbox, args } = chooseSandbox(options.sandbox, given);
  const path = planPath("plan", args, options);
  const traffic = expectedTraffic(options);
  const url = sandbox.kind === "at" ? sandbox.url : null;
  const { text, source, diagnostics } = await loadPlanFile(path, options, {
    useExamples: true,
    sandbox: url,
  });
  tellDiagnostics(path, text, diagnostics);
  if (source === null) return 2;
  const comparisons = comparisonsOf(source.plan, traffic);
  const preview = { preview: previewAction, previewCheck, previewEvidence };
  if (options.json === true) printJson({ digest: source.digest, plan: source.plan, comparisons });
  else print(renderPlan({ ...source, ...preview, traffic }));
  return 0;
}

/** What the stages will see, if both of it are given: one alone says nothing. */
function expectedTraffic({ requests, eventRate }: Options): ExpectedTraffic | null {
  if (requests === undefined && eventRate === undefined) return null;
  if (requests === undefined || eventRate === undefined)
    throw new UsageError(
      "--requests and --event-rate go together",
      "write --requests 100 --event-rate 0.1%",
    );
  const perSecond = Number(requests);
  if (!(perSecond > 0 && Number.isFinite(perSecond)))
    throw new UsageError(`--requests ${requests} is no number of requests per second`);
  const share = parsePercent(eventRate);
  if (share.kind === "bad") throw new UsageError(`--event-rate ${share.message}`, share.fix);
  if (share.value === 0)
    throw new UsageError("--event-rate 0%: where nothing ever fails nothing can be compared");
  return { requests: perSecond, rate: share.value / 100 };
}
