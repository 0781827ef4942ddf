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
import type { Applied, PolicyOptions } from "../policy/apply-policy.ts";
import { previewAction, previewCheck, previewEvidence } from "../preview.ts";
import { print, printJson, tell } from "../print.ts";
import { loadPlanFile, planPath, type PlanOptions } from "../read-plan.ts";
import { tellDiagnostics } from "../tell-diagnostics.ts";
import { UsageError } from "../usage-error.ts";

interface Options extends PlanOptions, PolicyOptions {
  readonly sandbox?: SandboxOption;
  readonly json?: boolean;
  readonly requests?: string;
  readonly eventRate?: string;
  readonly measure?: boolean;
}

/**
 * Shows every command that a plan will run, and what the policy asks for. Runs nothing and reads no target; with
 * `--measure` it asks the metrics. 0 also where the policy says no: it is shown.
 */
export async function plan(given: readonly string[], options: Options): Promise<number> {
  const { sandbox, args } = chooseSandbox(options.sandbox, given);
  const path = planPath("plan", args, options);
  const expected = expectedTraffic(options);
  const url = sandbox.kind === "at" ? sandbox.url : null;
  const {
    text,
    source: bare,
    diagnostics,
  } = await loadPlanFile(path, options, {
    useExamples: true,
    sandbox: url,
  });
  tellDiagnostics(path, text, diagnostics);
  if (bare === null) return 2;
  const applied = await (await import("../policy/apply-policy.ts")).applyPolicy(bare, options);
  if (applied === "wrong") return 2;
  // What is approved is the digest of the plan with what the policy adds to it.
  const source = applied === "none" ? bare : applied.source;
  const traffic = options.measure === true ? await measured(source, expected) : { given: expected };
  const comparisons = comparisonsOf(source.plan, traffic);
  if (expected?.rate === null && comparisons.every((each) => each.expected === null))
    throw new UsageError(
      "--requests alone: how many of them fail is known of no metric",
      "add --event-rate 0.1%, or `baseline: 0.1%` to the metrics",
    );
  const preview = { preview: previewAction, previewCheck, previewEvidence };
  const { drill, note } = await drilled(source);
  const policy = applied === "none" ? null : await policyShown(applied);
  if (options.json === true)
    printJson({
      digest: source.digest,
      plan: source.plan,
      comparisons,
      drill,
      policy: policy?.json,
    });
  else {
    const governed = policy === null ? [] : ["", ...policy.lines];
    print([renderPlan({ ...source, ...preview, traffic }), note, ...governed].join("\n"));
  }
  return 0;
}

/** What the policy asks for, for people and for scripts. */
async function policyShown(applied: Applied) {
  const [{ policyLines }, { askedWords }] = await Promise.all([
    import("../policy/policy-lines.ts"),
    import("../policy/asked-words.ts"),
  ]);
  const { found, evaluated } = applied;
  const { tier, because, freezes, problems } = evaluated;
  const asked = askedWords(evaluated);
  const json = { path: found.path, tier, because, freezes, asked, problems };
  return { lines: policyLines(applied), json };
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
    throw new UsageError(
      `--requests ${requests} is no number of requests per second`,
      "write a number alone: --requests 100",
    );
  if (eventRate === undefined) return { requests: perSecond, rate: null };
  const share = parsePercent(eventRate);
  if (share.kind === "bad") throw new UsageError(`--event-rate ${share.message}`, share.fix);
  if (share.value === 0)
    throw new UsageError("--event-rate 0%: where nothing ever fails nothing can be compared");
  return { requests: perSecond, rate: share.value / 100 };
}
