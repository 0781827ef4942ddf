import { exitCode, type End } from "../../core/ending.ts";
import { lastOwner } from "../../engine/last-owner.ts";
import { isAlive, isSameHost } from "../../engine/owner.ts";
import { command } from "../../report/scene.ts";
import { renderStatus } from "../../report/status-view.ts";
import { endedElsewhere } from "../ended-elsewhere.ts";
import { activePlaces, findRollout } from "../find-rollout.ts";
import { newestPlace, type Place } from "../known-evidence.ts";
import { print, printJson } from "../print.ts";
import { readRolloutAt, sceneOf } from "../read-rollout-at.ts";
import { stateOf } from "../summarize.ts";
import { UsageError } from "../usage-error.ts";

interface Options {
  readonly evidence?: string;
  readonly json?: boolean;
}

/** Says where a rollout is, what it waits for, and what to do next. */
export async function status(args: readonly string[], options: Options): Promise<number> {
  const place = await placeOf(args[0], options.evidence);
  const read = await readRolloutAt(place);
  const owner = lastOwner(read.entries);
  const runner =
    owner === null || !isSameHost(owner) ? "unknown" : isAlive(owner) ? "alive" : "gone";
  const scene = sceneOf(place, read.plan);
  const elsewhere = read.state.phase.kind === "ended" ? null : await endedElsewhere(place);
  if (options.json === true) {
    const { state, plan } = read;
    printJson({
      id: place.id,
      plan: plan.name,
      digest: read.digest,
      ...stateOf(state),
      stage: plan.stages[state.stage]?.name ?? null,
      share: state.share,
      hold: state.hold,
      cause: state.cause,
      epoch: read.epoch,
      runner,
      problems: read.problems,
      endedElsewhere:
        elsewhere === null
          ? null
          : { evidence: elsewhere.place.evidence, exit: exitCode(elsewhere.end) },
      evidence: scene.evidence,
    });
    return 0;
  }
  print(renderStatus({ read, scene, runner, now: Date.now() }));
  if (elsewhere !== null) print(`\n${overThere(place, elsewhere)}`);
  return 0;
}

/** Two folders tell two stories: which one counts, and how to make this one tell it too. */
function overThere(here: Place, { place, end }: { place: Place; end: End }): string {
  const there = { ...sceneOf(place, null), named: place.evidence };
  const scene = { ...sceneOf(here, null), named: here.evidence };
  return [
    `IT IS OVER: this journal has no end, but the rollout ended elsewhere, ${end.kind} (exit ${exitCode(end)})`,
    `  to look there: ${command(there, "status")}`,
    `  to end it here too, undoing nothing: ${command(scene, "unlock", "--reason …")}`,
    ...(end.kind === "rolled-back"
      ? []
      : [`  to try the way back from here: ${command(scene, "abort", "--reason …")}`]),
  ].join("\n");
}

/** What was named, else the one that is active, else the newest. */
async function placeOf(id: string | undefined, evidence: string | undefined): Promise<Place> {
  if (id !== undefined) return findRollout(id, evidence);
  const active = await activePlaces(evidence);
  if (active.length > 1)
    throw new UsageError(
      `${active.length} rollouts are active: say which`,
      active.map((place) => `canary status ${place.id}`).join("\n"),
    );
  const place = active[0] ?? (await newestPlace(evidence));
  if (place === undefined) throw new UsageError("no rollout is known here", "canary start PLAN");
  return place;
}
