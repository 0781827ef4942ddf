import { programName } from "../../report/program-name.ts";
import { evidenceFolder, knownPlaces } from "../known-evidence.ts";
import { readRolloutAt } from "../read-rollout-at.ts";
import { tasksOf } from "./follow-ups.ts";

/** Older rollouts are not read for every start. */
const MOST = 20;

/** What earlier rollouts of a plan owe, and should have been done by now. */
export async function overdueTasks(
  plan: string,
  evidence: string | undefined,
): Promise<readonly { readonly text: string; readonly command: string }[]> {
  const places = await knownPlaces(evidenceFolder(evidence));
  const found = await Promise.all(
    places.slice(0, MOST).map(async (place) => {
      // One that cannot be read, or is of another plan, keeps nobody from starting.
      const read = await readRolloutAt(place).catch(() => null);
      if (read?.plan.name !== plan) return [];
      const owed = await tasksOf(place).catch(() => []);
      return owed
        .filter(({ done, due }) => done === null && due < Date.now())
        .map(({ name, text, due }) => ({
          text: `${text} (${name}, since ${new Date(due).toISOString()})`,
          command: `${programName()} confirm ${place.id} ${name} --reason …`,
        }));
    }),
  );
  return found.flat();
}
