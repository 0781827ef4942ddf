import type { TakeOverRequest } from "../engine/take-over.ts";
import { createRolloutId, isRolloutId } from "../evidence/rollout-id.ts";
import { line } from "../report/line.ts";
import { stateDir } from "../store/state-dir.ts";
import { spareEvidence } from "../store/user-records.ts";
import { composeEngine } from "./compose.ts";
import { evidenceFolder } from "./known-evidence.ts";
import { openRenderer, type OutputOptions } from "./open-renderer.ts";
import { loadPlanFile, type PlanOptions } from "./read-plan.ts";
import { sceneOf } from "./read-rollout-at.ts";
import { tellDiagnostics } from "./tell-diagnostics.ts";
import { tellOutcome } from "./tell-outcome.ts";
import { UsageError } from "./usage-error.ts";

interface Options extends OutputOptions, PlanOptions {
  readonly evidence?: string;
  readonly sandbox?: string | boolean;
}

/**
 * The last resort: neither the store nor a bundle is there. From the plan alone traffic goes to 0 and flags are switched off.
 * `id` is the rollout where it is known: only its own marks on the targets are replaced then.
 */
export async function abortByPlan(
  id: string | undefined,
  path: string,
  options: Options,
  by: string,
  request: TakeOverRequest,
): Promise<number> {
  if (id !== undefined && !isRolloutId(id))
    throw new UsageError(
      `${id} is not the whole id of a rollout`,
      "nothing is looked up with --plan: give the whole id, or none",
    );
  const sandbox = typeof options.sandbox === "string" ? options.sandbox : null;
  // What stays unknown, like the version that was rolled out, is not needed to switch it off.
  const { text, source, diagnostics } = await loadPlanFile(path, options, {
    useExamples: true,
    sandbox,
  });
  if (source === null) {
    tellDiagnostics(path, text, diagnostics);
    return 2;
  }
  const evidence =
    options.evidence === undefined ? spareEvidence(stateDir()) : evidenceFolder(options.evidence);
  const place = { id: id ?? createRolloutId(Date.now()), evidence };
  const scene = { ...sceneOf(place, source.plan), named: evidence };
  const renderer = await openRenderer(options, scene);
  const observe = renderer.entry;
  const [engine, { abortFromPlan }] = await Promise.all([
    composeEngine({ evidence, by, observe, drivers: "way-back" }),
    import("../engine/abort-plan.ts"),
  ]);
  renderer.say(
    line("bad", `aborting by the plan ${source.plan.name} alone: traffic to 0, flags off`, [
      "everything else is only listed; with its bundle: canary abort --bundle FILE --reason …",
      `what it does is written to ${scene.evidence ?? evidence}`,
    ]),
  );
  // Without an id nobody can tell whose mark is on a target: who names the plan means it.
  const asked = id === undefined ? { ...request, overwrite: true } : request;
  const code = tellOutcome(await abortFromPlan(engine, source, place.id, asked), renderer, scene);
  const again = id === undefined ? "" : `${id} `;
  renderer.say(
    line("warn", "its own journal knows nothing of this, and its runner may go on", [
      `as soon as its store or its bundle is there: canary abort ${again}--reason …`,
    ]),
  );
  await renderer.close();
  return code;
}
