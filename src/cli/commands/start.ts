import { join } from "node:path";

import type { Observer, PlanSource } from "../../engine/ports.ts";
import { line } from "../../report/line.ts";
import type { Renderer } from "../../report/renderer.ts";
import type { Scene } from "../../report/scene.ts";
import { actingPerson } from "../acting-person.ts";
import { cannotKeep } from "../cannot-keep.ts";
import { chooseSandbox, type SandboxChoice, type SandboxOption } from "../choose-sandbox.ts";
import { composeEngine } from "../compose.ts";
import type { JobOptions, Started } from "../in-cluster/run-as-job.ts";
import { evidenceFolder } from "../known-evidence.ts";
import { openRenderer, type OutputOptions } from "../open-renderer.ts";
import type { StartPolicyOptions } from "../policy/under-policy.ts";
import { tell } from "../print.ts";
import { loadPlanFile, planPath, type LoadedPlan, type PlanOptions } from "../read-plan.ts";
import { storeOfStart, storeRefuses } from "../stores/store-of-start.ts";
import { tellDiagnostics } from "../tell-diagnostics.ts";
import { tellOutcome } from "../tell-outcome.ts";
import { parseTimeScale, requireLoopback } from "../time-scale.ts";
import { UsageError } from "../usage-error.ts";

export interface StartCliOptions
  extends OutputOptions, PlanOptions, StartPolicyOptions, JobOptions {
  readonly sandbox?: SandboxOption;
  readonly evidence?: string;
  readonly by?: string;
  readonly timeScale?: string;
}

/** An address of the right shape: a plan is checked before a sandbox is started for it. */
const SOME_SANDBOX = "http://127.0.0.1:7070";

/** What a command that starts a rollout does otherwise than `start`. */
export interface StartVariant {
  readonly verb: string;
  /** What is run of the plan that was read. */
  readonly derive: (source: PlanSource) => PlanSource;
  /** Sees the journal beside the renderer. */
  readonly observe: Observer;
}

const plain: StartVariant = {
  verb: "start",
  derive: (source) => source,
  observe: () => undefined,
};

/** Starts a rollout and works on it to its end. */
export async function start(
  given: readonly string[],
  options: StartCliOptions,
  variant = plain,
): Promise<number> {
  const { sandbox, args } = chooseSandbox(options.sandbox, given);
  const path = planPath(variant.verb, args, options);
  const checked = await load(path, options, sandbox.kind === "at" ? sandbox.url : SOME_SANDBOX);
  if (checked === null) return 2;
  requireSandboxToFit(path, checked.text, sandbox);
  const evidence = evidenceFolder(options.evidence);
  const scene: Scene = { plan: checked.plan, rollout: "", evidence: null };
  // Opened first: it refuses options that contradict each other, before a folder is made.
  const renderer = await openRenderer(options, scene);
  const store = await storeOfStart(checked.plan);
  if (await cannotKeep(evidence, `${variant.verb} …`)) return 20;
  if (await storeRefuses(store, `${variant.verb} …`)) return 20;
  const loaded = await againstSandbox(path, options, sandbox, checked, renderer);
  const { underPolicy } = await import("../policy/under-policy.ts");
  const scale = options.timeScale === undefined ? 1 : parseTimeScale(options.timeScale);
  const governed = await underPolicy(loaded, options, scale, renderer);
  if (typeof governed === "number") return governed;
  const by = options.by ?? actingPerson();
  const source = variant === plain ? governed.source : variant.derive(governed.settled);
  const begin = beginWith(source, governed.begin);
  const started = { source, store, evidence, by, renderer, begin };
  const code =
    options.inCluster === true
      ? await (await import("../in-cluster/run-as-job.ts")).runAsJob(started, options)
      : await rollOut(started, options, variant);
  await renderer.close();
  return code;
}

/** What a rollout finds in its evidence when it begins. */
function beginWith(source: PlanSource, begin: Started["begin"]): Started["begin"] {
  return async (engine, rollout) => {
    await begin(engine, rollout);
    await (await import("../known-drills.ts")).keepDrills(engine, rollout, source);
  };
}

/** Runs the rollout in this process, to its end. */
async function rollOut(
  { source, store, evidence, by, renderer, begin }: Started,
  options: StartCliOptions,
  variant: StartVariant,
): Promise<number> {
  let scene: Scene = { plan: source.plan, rollout: "", evidence: null };
  const [{ startRollout }, { terminalSignals }, { rememberRollout }, { stateDir }] =
    await Promise.all([
      import("../../engine/start-rollout.ts"),
      import("../terminal-signals.ts"),
      import("../../store/rollout-index.ts"),
      import("../../store/state-dir.ts"),
    ]);
  const observe: Observer = (entry, text) => {
    renderer.entry(entry, text);
    variant.observe(entry, text);
  };
  const engine = await composeEngine({ evidence, store, by, observe });
  const outcome = await startRollout(engine, source, {
    signals: terminalSignals(renderer),
    acceptLive: options.acceptLive === true,
    onRollout: async (id) => {
      scene = { plan: source.plan, rollout: id, evidence: join(evidence, id) };
      renderer.setScene(scene);
      const known = { id, evidence, ...(store === null ? {} : { store }), plan: source.plan.name };
      await rememberRollout(stateDir(), { ...known, at: Date.now() });
      await begin(engine, id);
    },
  });
  return tellOutcome(outcome, renderer, scene);
}

async function load(
  path: string,
  options: StartCliOptions,
  url: string,
): Promise<PlanSource | null> {
  const loaded = await loadAt(path, options, url);
  const wrong = tellDiagnostics(path, loaded.text, loaded.diagnostics);
  if (wrong || loaded.source === null) return null;
  if (options.timeScale !== undefined) {
    requireLoopback(loaded.source.plan);
    await tellWrittenRanges(loaded.source.plan);
  }
  return loaded.source;
}

async function tellWrittenRanges(plan: PlanSource["plan"]): Promise<void> {
  const [{ writtenRanges }, { builtInDrivers }] = await Promise.all([
    import("../written-ranges.ts"),
    import("../../drivers/registry.ts"),
  ]);
  const text = writtenRanges(plan, builtInDrivers());
  if (text !== null) tell(text);
}

function loadAt(path: string, options: StartCliOptions, url: string): Promise<LoadedPlan> {
  const scale =
    options.timeScale === undefined ? {} : { timeScale: parseTimeScale(options.timeScale) };
  return loadPlanFile(path, options, { useExamples: false, ...scale, sandbox: url });
}

/** A plan for the sandbox has to have one; and one that names real targets must not be started as if it were a trial. */
function requireSandboxToFit(path: string, text: string, { kind }: SandboxChoice): void {
  const uses = text.includes("${sandbox.url}");
  if (kind === "none" && uses)
    throw new UsageError(
      `${path} works against a sandbox, and none is named`,
      `canary start ${path} --sandbox`,
    );
  if (kind !== "none" && !uses)
    throw new UsageError(
      `--sandbox, but ${path} does not use \${sandbox.url}: it would change its real targets`,
      `to try it without touching anything: canary rehearse ${path}`,
    );
}

/** Starts a sandbox where one was asked for, and gives the plan with its address. */
async function againstSandbox(
  path: string,
  options: StartCliOptions,
  sandbox: SandboxChoice,
  checked: PlanSource,
  renderer: Renderer,
): Promise<PlanSource> {
  if (sandbox.kind !== "own") return checked;
  const { startDetachedSandbox } = await import("../../sandbox/run-detached.ts");
  const { url } = await startDetachedSandbox();
  renderer.say(
    line("step", `a sandbox runs at ${url}: a small real world, which ends by itself`, [
      `its truth: curl ${url}/state`,
    ]),
  );
  // Its problems were told before.
  return (await loadAt(path, options, url)).source ?? checked;
}
