import { resolve } from "node:path";

import type { SignalPort } from "../../engine/signals.ts";
import type { TakeOverRequest } from "../../engine/take-over.ts";
import { line } from "../../report/line.ts";
import { command } from "../../report/scene.ts";
import { abortPlace } from "../abort-place.ts";
import { actingPerson } from "../acting-person.ts";
import { bundleInstead, hasPlan } from "../bundle-instead.ts";
import { composeEngine } from "../compose.ts";
import { contestedBy } from "../contested-by.ts";
import { lookElsewhere } from "../ended-elsewhere.ts";
import { findActive } from "../find-rollout.ts";
import { evidenceFolder, type Place } from "../known-evidence.ts";
import { openRenderer, type OutputOptions } from "../open-renderer.ts";
import { tell } from "../print.ts";
import type { PlanOptions } from "../read-plan.ts";
import { sceneOf } from "../read-rollout-at.ts";
import { waitForStore } from "../stores/wait-for-store.ts";
import { tellOutcome } from "../tell-outcome.ts";
import { UsageError } from "../usage-error.ts";

interface Options extends OutputOptions, PlanOptions {
  readonly reason?: string;
  readonly by?: string;
  readonly evidence?: string;
  readonly bundle?: string;
  readonly sandbox?: string | boolean;
  readonly all?: boolean;
  readonly overwrite?: boolean;
  readonly pastIrreversible?: boolean;
  readonly afterPromoted?: boolean;
  readonly breakGlass?: boolean;
}

/** Takes a rollout over and rolls it back. It never asks, and loads nothing that the way back does not need. */
export function abort(args: readonly string[], options: Options): Promise<number> {
  return waitForStore(() => abortOnce(args, options));
}

async function abortOnce(args: readonly string[], options: Options): Promise<number> {
  const by = options.by ?? actingPerson();
  if (options.all === true) return everything(args, by, options);
  if (options.plan !== undefined) return byPlan(args[0], options.plan, options, by);
  const place = await placeOf(args[0], options);
  if (place === null) return 41;
  const scene = { ...sceneOf(place, null), ...namedBy(options, place) };
  const [renderer, { processSignals }] = await Promise.all([
    openRenderer(options, scene),
    import("../../engine/signals.ts"),
  ]);
  const elsewhere = options.bundle === undefined ? await lookElsewhere(place) : null;
  if (elsewhere?.kind === "rolled-back") {
    const there = command({ ...scene, named: elsewhere.place.evidence }, "status");
    renderer.say(
      line("back", "it was rolled back elsewhere: nothing was written (exit 31)", [
        `to look there: ${there}`,
      ]),
    );
    await renderer.close();
    return 31;
  }
  const engine = await composeEngine({
    evidence: place.evidence,
    by,
    observe: renderer.entry,
    drivers: "way-back",
  });
  renderer.say(line("back", `aborting ${place.id}`));
  if (options.breakGlass === true) renderer.say(line("warn", `THE GLASS IS BROKEN by ${by}`));
  const bundle = options.bundle === undefined ? bundleInstead(place) : resolve(options.bundle);
  const say = (text: string, more: readonly string[]): void =>
    renderer.say(line("bad", text, more));
  const request = { ...requestOf(options, by, processSignals), ...contestedBy(elsewhere, say) };
  const outcome = await abortPlace(engine, place, request, { bundle, say });
  const code = tellOutcome(outcome, renderer, scene);
  if (options.bundle !== undefined && outcome.kind === "ended") {
    const { itsOwnMachine } = await import("../its-own-machine.ts");
    for (const each of await itsOwnMachine(options.bundle, place, code)) renderer.say(each);
  }
  // After the way back: nothing about the policy can stand before it.
  const { followUpLines } = await import("../policy/follow-up-lines.ts");
  for (const each of await followUpLines(place)) renderer.say(each);
  await renderer.close();
  return code;
}

/** Lines to paste find what they are about from any folder: an abort may have made a second folder for the rollout. */
function namedBy({ evidence, bundle }: Options, place: Place): { readonly named?: string } {
  const isAsked = evidence !== undefined || bundle !== undefined;
  return isAsked && place.evidence !== evidenceFolder(undefined) ? { named: place.evidence } : {};
}

function requestOf(options: Options, by: string, signals: SignalPort): TakeOverRequest {
  return {
    mode: "rollback",
    cause: {
      kind: "abort",
      text: options.reason ?? "aborted, without a reason",
      by,
      ...(options.breakGlass === true ? { breakGlass: true } : {}),
    },
    overwrite: options.overwrite === true,
    pastIrreversible: options.pastIrreversible === true,
    afterPromoted: options.afterPromoted === true,
    signals,
  };
}

async function byPlan(
  id: string | undefined,
  path: string,
  options: Options,
  by: string,
): Promise<number> {
  if (options.bundle !== undefined)
    throw new UsageError("--plan and --bundle contradict each other", "the bundle knows more");
  const [{ abortByPlan }, { processSignals }] = await Promise.all([
    import("../abort-by-plan.ts"),
    import("../../engine/signals.ts"),
  ]);
  return abortByPlan(id, path, options, by, requestOf(options, by, processSignals));
}

async function everything(args: readonly string[], by: string, options: Options): Promise<number> {
  const [id] = args;
  const other = id ?? [options.bundle && "--bundle", options.plan && "--plan"].find(Boolean);
  if (other !== undefined)
    throw new UsageError(
      `--all and ${other} contradict each other`,
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
  if (options.bundle !== undefined)
    return (await import("../place-of-bundle.ts")).placeOfBundle(options.bundle, options.evidence);
  const place = await findActive(id, options.evidence, "abort");
  if (hasPlan(place) || bundleInstead(place) !== null) return place;
  tell(
    `canary: NOT ABORTED (exit 41): the evidence of rollout ${place.id} in ${place.evidence} has neither plan.json nor rollback.json\n` +
      "  look at its targets: what it changed is not back\n" +
      "  with a copy of its rollback bundle: canary abort --bundle FILE --reason …",
  );
  return null;
}
