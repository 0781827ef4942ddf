import type { PlanSource } from "../../engine/ports.ts";
import { parsePercent } from "../../plan/scalars/parse-percent.ts";
import {
  comparisonsOf,
  type ExpectedTraffic,
  type KnownTraffic,
} from "../../report/comparisons.ts";
import { renderPlan } from "../../report/plan-view.ts";
import { chooseSandbox, type SandboxOption } from "../choose-sandbox.ts";
import { drilled } from "../drill-note.ts";
import { previewAction, previewCheck, previewEvidence } from "../preview.ts";
import { print, printJson, tell } from "../print.ts";
import { loadPlanFile, planPath, type PlanOptions } from "../read-plan.ts";
import { tellDiagnostics } from "../tell-diagnostics.ts";
import { UsageError } from "../usage-error.ts";

interface Options extends PlanOptions {
  readonly sandbox?: SandboxOption;
  readonly json?: boolean;
  readonly requests?: string;
  readonly eventRate?: string;
  readonly measure?: boolean;
}

/** Shows every command that a plan will run. Runs nothing and reads no target; with `--measure` it asks the metrics. */
export async function plan(given: readonly string[], options: Options): Promise<number> {
  const { sandbox, args } = chooseSandbox(options.sandbox, given);
  const path = planPath("plan", args, options);
  const expected = expectedTraffic(options);
  const url = sandbox.kind === "at" ? sandbox.url : null;
  const { text, source, diagnostics } = await loadPlanFile(path, options, {
    useExamples: true,
    sandbox: url,
  });
  tellDiagnostics(path, text, diagnostics);
  if (source === null) return 2;
  const traffic = options.measure === true ? await measured(source, expected) : { given: expected };
  const comparisons = comparisonsOf(source.plan, traffic);
  if (expected?.rate === null && comparisons.every((each) => each.expected === null))
    throw new UsageError(
      "--requests alone: how many of them fail is known of no metric",
      "add --event-rate 0.1%, or `baseline: 0.1%` to the metrics",
    );
  const preview = { preview: previewAction, previewCheck, previewEvidence };
  const { drill, note } = await drilled(source);
  if (options.json === true)
    printJson({ digest: source.digest, plan: source.plan, comparisons, drill });
  else print(`${renderPlan({ ...source, ...preview, traffic })}\n${note}`);
  return 0;
}

/** How long all metrics together may take, in milliseconds. */
const PATIENCE = 60_000;

/** What the metrics say of stable now; what they do not say is told. */
async function measured(source: PlanSource, given: ExpectedTraffic | null): Promise<KnownTraffic> {
  const [{ composeEngine }, { measureTraffic }, { evidenceFolder }] = await Promise.all([
    import("../compose.ts"),
    import("../../engine/measure-traffic.ts"),
    import("../known-evidence.ts"),
  ]);
  const evidence = evidenceFolder(undefined);
  const engine = await composeEngine({ evidence, by: "plan", observe: () => undefined });
  const { traffic, problems } = await measureTraffic(engine, source, AbortSignal.timeout(PATIENCE));
  for (const problem of problems) tell(`warning: ${problem}`);
  return { given, measured: traffic };
}

/** What the stages will see, as far as it is given: without the rate of events the stated baselines of metrics count. */
function expectedTraffic({ requests, eventRate }: Options): ExpectedTraffic | null {
  if (requests === undefined && eventRate === undefined) return null;
  if (requests === undefined)
    throw new UsageError(
      "--event-rate goes with --requests",
      "write --requests 100 --event-rate 0.1%",
    );
  const perSecond = Number(requests);
  if (!(perSecond > 0 && Number.isFinite(perSecond)))
    throw new UsageError(`--requests ${requests} is no number of requests per second`);
  if (eventRate === undefined) return { requests: perSecond, rate: null };
  const share = parsePercent(eventRate);
  if (share.kind === "bad") throw new UsageError(`--event-rate ${share.message}`, share.fix);
  if (share.value === 0)
    throw new UsageError("--event-rate 0%: where nothing ever fails nothing can be compared");
  return { requests: perSecond, rate: share.value / 100 };
}
