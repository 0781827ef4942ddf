import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

import type { Outcome } from "../../engine/ports.ts";
import type { SignalPort } from "../../engine/signals.ts";
import type { TakeOverRequest } from "../../engine/take-over.ts";
import { line } from "../../report/line.ts";
import { stateDir } from "../../store/state-dir.ts";
import { actingPerson } from "../acting-person.ts";
import { composeEngine } from "../compose.ts";
import { findActive } from "../find-rollout.ts";
import type { Place } from "../known-evidence.ts";
import { openRenderer, type OutputOptions } from "../open-renderer.ts";
import { tell } from "../print.ts";
import { sceneOf } from "../read-rollout-at.ts";
import { tellOutcome } from "../tell-outcome.ts";
import { UsageError } from "../usage-error.ts";

interface Options extends OutputOptions {
  readonly reason?: string;
  readonly by?: string;
  readonly evidence?: string;
  readonly bundle?: string;
  readonly all?: boolean;
  readonly overwrite?: boolean;
  readonly pastIrreversible?: boolean;
  readonly afterPromoted?: boolean;
}

/** Takes a rollout over and rolls it back. It never asks, and loads nothing that the way back does not need. */
export async function abort(args: readonly string[], options: Options): Promise<number> {
  const by = options.by ?? actingPerson();
  if (options.all === true) return everything(args, by, options);
  const place = await placeOf(args[0], options);
  if (place === null) return 41;
  const bundlePath = options.bundle ?? bundleInstead(place);
  const scene = sceneOf(place, null);
  const [renderer, { processSignals }, { abortElsewhere }] = await Promise.all([
    openRenderer(options, scene),
    import("../../engine/signals.ts"),
    import("../../engine/abort-elsewhere.ts"),
  ]);
  const { evidence } = place;
  const engine = await composeEngine({
    evidence,
    by,
    observe: renderer.entry,
    drivers: "way-back",
  });
  const request = requestOf(options, by, processSignals);
  renderer.say(line("back", `aborting ${place.id}`));
  let outcome: Outcome;
  if (bundlePath === null)
    outcome = await abortElsewhere(engine, place.id, request, {
      spare: join(stateDir(), "aborts"),
      say: (why) =>
        renderer.say(
          line("bad", "the evidence can not be written: the bundle is undone", [
            why,
            `what it does is written to ${join(stateDir(), "aborts", place.id)}`,
          ]),
        ),
    });
  else {
    const { abortFromBundle } = await import("../../engine/abort-bundle.ts");
    outcome = await abortFromBundle(engine, resolve(bundlePath), request);
  }
  const code = tellOutcome(outcome, renderer, scene);
  await renderer.close();
  return code;
}

function requestOf(options: Options, by: string, signals: SignalPort): TakeOverRequest {
  return {
    mode: "rollback",
    cause: { kind: "abort", text: options.reason ?? "aborted, without a reason", by },
    overwrite: options.overwrite === true,
    pastIrreversible: options.pastIrreversible === true,
    afterPromoted: options.afterPromoted === true,
    signals,
  };
}

async function everything(args: readonly string[], by: string, options: Options): Promise<number> {
  const [id] = args;
  if (id !== undefined || options.bundle !== undefined)
    throw new UsageError(
      `--all and ${id ?? "--bundle"} contradict each other`,
      "keep one: --all aborts every rollout that is active",
    );
  const [{ abortAll }, { processSignals }] = await Promise.all([
    import("../abort-all.ts"),
    import("../../engine/signals.ts"),
  ]);
  return abortAll(options.evidence, by, requestOf(options, by, processSignals));
}

/** Null when it is known that the rollout began, and nothing is left of it to go by: nobody knows what is live. */
async function placeOf(id: string | undefined, options: Options): Promise<Place | null> {
  if (options.bundle !== undefined) return placeOfBundle(options.bundle, options.evidence);
  const place = await findActive(id, options.evidence, "abort");
  if (hasPlan(place) || bundleInstead(place) !== null) return place;
  tell(
    `canary: NOT ABORTED (exit 41): the evidence of rollout ${place.id} in ${place.evidence} has neither plan.json nor rollback.json\n` +
      "  look at its targets: what it changed is not back\n" +
      "  with a copy of its rollback bundle: canary abort --bundle FILE --reason …",
  );
  return null;
}

function hasPlan({ evidence, id }: Place): boolean {
  return existsSync(join(evidence, id, "plan.json"));
}

/** The bundle holds the plan too: it stands in where the plan's own file is gone. */
function bundleInstead(place: Place): string | null {
  const path = join(place.evidence, place.id, "rollback.json");
  return !hasPlan(place) && existsSync(path) ? path : null;
}

/** A bundle says which rollout it is of; where it lies says where the rest of the evidence is. */
async function placeOfBundle(path: string, evidence: string | undefined): Promise<Place> {
  const [{ readBundleFile }, { evidenceOfBundle }] = await Promise.all([
    import("../../engine/read-bundle.ts"),
    import("../../engine/abort-bundle.ts"),
  ]);
  const whole = resolve(path);
  const bundle = await readBundleFile(whole).catch((error: unknown) => {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  });
  if (bundle === null) throw new UsageError(`there is no bundle at ${whole}`);
  return { id: bundle.rollout, evidence: resolve(evidence ?? evidenceOfBundle(whole)) };
}
