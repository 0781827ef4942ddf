import { actingPerson } from "../acting-person.ts";
import { activePlaces, findRollout } from "../find-rollout.ts";
import { whyUnread } from "../known-evidence.ts";
import { print, printJson, tell } from "../print.ts";
import { reapPlace, type ReapedPlace } from "../reap-place.ts";

interface Options {
  readonly evidence?: string;
  readonly by?: string;
  readonly json?: boolean;
}

/**
 * Looks once at every rollout that is active here, and rolls back those whose runner is gone, as their plan says. For cron,
 * and for the step of a CI job that always runs. Gives the highest exit code of what it found; 0 when nothing was to be done.
 */
export async function reap(args: readonly string[], options: Options): Promise<number> {
  const [id] = args;
  const places =
    id === undefined
      ? await activePlaces(options.evidence)
      : [await findRollout(id, options.evidence)];
  const by = options.by ?? actingPerson();
  const found: ReapedPlace[] = [];
  for (const place of places) {
    const reaped = await reapPlace(place, by, options.json === true);
    found.push(reaped);
    if (options.json !== true) print(`${place.id}: ${reaped.text}`);
  }
  if (options.json === true) printJson(found);
  const why = id === undefined ? whyUnread() : null;
  if (why !== null) tell(`canary: whether another one is active is not known (exit 41): ${why}`);
  else if (found.length === 0 && options.json !== true)
    print("no rollout is active: nothing to do");
  return Math.max(why === null ? 0 : 41, ...found.map(({ exit }) => exit));
}
