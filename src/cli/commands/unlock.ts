import type { TakeOverRequest } from "../../engine/take-over.ts";
import { line } from "../../report/line.ts";
import { command } from "../../report/scene.ts";
import { actingPerson } from "../acting-person.ts";
import { bundleInstead } from "../bundle-instead.ts";
import { composeEngine } from "../compose.ts";
import { findActive } from "../find-rollout.ts";
import { openRenderer, type OutputOptions } from "../open-renderer.ts";
import { whyLocked } from "../policy/unlocking.ts";
import { tell } from "../print.ts";
import { readRolloutAt, sceneOf } from "../read-rollout-at.ts";
import { tellOutcome } from "../tell-outcome.ts";

interface Options extends OutputOptions {
  readonly reason?: string;
  readonly by?: string;
  readonly evidence?: string;
}

/** Ends a rollout where it is: nothing is undone, its targets are free for the next one, which inherits its baseline. */
export async function unlock(args: readonly string[], options: Options): Promise<number> {
  const place = await findActive(args[0], options.evidence, "unlock");
  const by = options.by ?? actingPerson();
  const bundle = bundleInstead(place);
  // Nothing is left to halt: that is said with what to do.
  if (bundle === null) await readRolloutAt(place);
  const locked = await whyLocked(place);
  if (locked !== null) {
    const each = command(sceneOf(place, null), "confirm", "unlock --reason …");
    tell(`canary: not unlocked (exit 22): the policy asks for ${locked}\n  each of them: ${each}`);
    return 22;
  }
  const scene = {
    ...sceneOf(place, null),
    ...(options.evidence === undefined ? {} : { named: place.evidence }),
  };
  const [renderer, { processSignals }, { takeOver }, { abortFromBundle }] = await Promise.all([
    openRenderer(options, scene),
    import("../../engine/signals.ts"),
    import("../../engine/take-over.ts"),
    import("../../engine/abort-bundle.ts"),
  ]);
  const engine = await composeEngine({ evidence: place.evidence, by, observe: renderer.entry });
  renderer.say(line("warn", `halting ${place.id} where it is: nothing will be undone`));
  const request: TakeOverRequest = {
    mode: "halt",
    cause: { kind: "abort", text: options.reason ?? "unlocked, without a reason", by },
    overwrite: false,
    pastIrreversible: false,
    afterPromoted: false,
    signals: processSignals,
  };
  const outcome =
    bundle === null
      ? await takeOver(engine, place.id, request)
      : await abortFromBundle(engine, bundle, request);
  const code = tellOutcome(outcome, renderer, scene);
  await renderer.close();
  return code;
}
