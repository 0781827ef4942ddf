import { line } from "../../report/line.ts";
import { actingPerson } from "../acting-person.ts";
import { composeEngine } from "../compose.ts";
import { lookElsewhere } from "../ended-elsewhere.ts";
import { findActive } from "../find-rollout.ts";
import type { Place } from "../known-evidence.ts";
import { openRenderer, type OutputOptions } from "../open-renderer.ts";
import { hasNoRunner, postWord } from "../post-word.ts";
import { tell } from "../print.ts";
import { readRolloutAt, sceneOf } from "../read-rollout-at.ts";
import { tellOutcome } from "../tell-outcome.ts";
import { UsageError } from "../usage-error.ts";

interface Options extends OutputOptions {
  readonly reason?: string;
  readonly by?: string;
  readonly key?: string;
  readonly evidence?: string;
}

/** Ends a hold. Where no runner is left, this process becomes it and runs the rollout to its end. */
export async function resume(args: readonly string[], options: Options): Promise<number> {
  const place = await findActive(args[0], options.evidence, "resume");
  const by = options.by ?? actingPerson();
  const read = await readRolloutAt(place);
  const elsewhere = await lookElsewhere(place);
  if (elsewhere.kind === "rolled-back")
    throw new UsageError(
      `rollout ${place.id} was rolled back in ${elsewhere.place.evidence}: there is nothing to resume`,
    );
  if (elsewhere.kind === "unknown")
    throw new UsageError(
      `rollout ${place.id} may have been rolled back elsewhere, and that can not be read: ${elsewhere.unread.join("; ")}`,
      "make it readable, or roll back: canary abort",
    );
  if (read.state.phase.kind !== "ended" && (await hasNoRunner(place, read)))
    return runOn(place, by, options);
  const reason = options.reason ?? "";
  const said = { kind: "resume", by, reason, check: null, yes: true } as const;
  tell(await postWord(place, said, { key: options.key, by: options.by }));
  return 0;
}

async function runOn(place: Place, by: string, options: Options): Promise<number> {
  const [{ takeOver }, { terminalSignals }, { plan }] = await Promise.all([
    import("../../engine/take-over.ts"),
    import("../terminal-signals.ts"),
    readRolloutAt(place),
  ]);
  const scene = sceneOf(place, plan);
  const renderer = await openRenderer(options, scene);
  const engine = await composeEngine({ evidence: place.evidence, by, observe: renderer.entry });
  renderer.say(line("step", `the runner of ${place.id} is gone: this process runs it on`));
  const outcome = await takeOver(engine, place.id, {
    mode: "continue",
    cause: null,
    overwrite: false,
    pastIrreversible: false,
    afterPromoted: false,
    signals: terminalSignals(renderer),
    tell: (what) => renderer.say(line("bad", what)),
  });
  const code = tellOutcome(outcome, renderer, scene);
  await renderer.close();
  return code;
}
