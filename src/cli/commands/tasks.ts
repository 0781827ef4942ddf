import type { OwedTask } from "../../policy/owed-tasks.ts";
import { programName } from "../../report/program-name.ts";
import { findRollout } from "../find-rollout.ts";
import { knownPlaces, type Place } from "../known-evidence.ts";
import { tasksOf } from "../policy/follow-ups.ts";
import { print, printJson } from "../print.ts";

interface Options {
  readonly evidence?: string;
  readonly json?: boolean;
}

interface Row extends OwedTask {
  readonly rollout: string;
  readonly overdue: boolean;
}

/** Lists what rollouts that went back have left to be done, the most urgent first. */
export async function tasks(args: readonly string[], options: Options): Promise<number> {
  const [id] = args;
  const places =
    id === undefined
      ? await knownPlaces(options.evidence)
      : [await findRollout(id, options.evidence)];
  const now = Date.now();
  const rows = (await Promise.all(places.map((place) => rowsOf(place, now)))).flat();
  const sorted = rows.toSorted((a, b) => a.due - b.due);
  if (options.json === true) {
    printJson(sorted.map((row) => ({ ...row, due: new Date(row.due).toISOString() })));
    return 0;
  }
  const shown = id === undefined ? sorted.filter(({ done }) => done === null) : sorted;
  print(shown.length === 0 ? "nothing is owed" : shown.map(describe).join("\n"));
  return 0;
}

/** A rollout that cannot be read has no say here: `canary list` shows it. */
async function rowsOf(place: Place, now: number): Promise<readonly Row[]> {
  const owed = await tasksOf(place).catch(() => []);
  return owed.map((task) => ({
    rollout: place.id,
    ...task,
    overdue: task.done === null && task.due < now,
  }));
}

function describe(row: Row): string {
  const { rollout, name, text, by, due, done, overdue, refused } = row;
  const when = new Date(due).toISOString();
  if (done !== null) return `done     ${name}: ${text}, by ${done.by} (${done.reason})`;
  const state = overdue ? "OVERDUE " : "owed    ";
  return [
    `${state} ${name}: ${text}, until ${when}`,
    `  ${by ?? "anybody of the policy"}: ${programName()} confirm ${rollout} ${name} --reason …`,
    ...refused.map((why) => `  does not count: ${why}`),
  ].join("\n");
}
