import { lastOwner } from "../../engine/last-owner.ts";
import { isAlive, isSameHost } from "../../engine/owner.ts";
import { renderStatus } from "../../report/status-view.ts";
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
      evidence: scene.evidence,
    });
    return 0;
  }
  print(renderStatus({ read, scene, runner, now: Date.now() }));
  return 0;
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
