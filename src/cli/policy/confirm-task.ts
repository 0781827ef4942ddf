import type { Word } from "../../core/event.ts";
import { actingPerson } from "../acting-person.ts";
import type { Place } from "../known-evidence.ts";
import { tell } from "../print.ts";
import { readRolloutAt } from "../read-rollout-at.ts";
import { UsageError } from "../usage-error.ts";
import { tasksOf, writeFollowUp } from "./follow-ups.ts";
import { signWord } from "./sign-word.ts";

interface Options {
  readonly reason?: string;
  readonly by?: string;
  readonly key?: string;
}

/** Says that a task which a rollout left is done, after its end. */
export async function confirmTask(place: Place, name: string, options: Options): Promise<number> {
  const { plan, digest } = await readRolloutAt(place);
  const owed = await tasksOf(place);
  const task = owed.find((each) => each.name === name);
  if (task === undefined)
    throw new UsageError(
      `rollout ${place.id} is over, and owes no ${name}`,
      owed.length === 0 ? "it owes nothing" : `it owes ${owed.map((each) => each.name).join(", ")}`,
    );
  if (task.done !== null) {
    tell(`${task.done.by} has done ${name} already`);
    return 0;
  }
  const bare: Word = {
    kind: "confirm",
    by: options.by ?? actingPerson(),
    reason: options.reason ?? "",
    check: name,
    yes: true,
    stage: null,
    hold: null,
  };
  const { key, by } = options;
  await writeFollowUp(place, await signWord(bare, { plan, digest, rollout: place.id, key, by }));
  const after = (await tasksOf(place)).find((each) => each.name === name);
  if (after?.done == null)
    throw new UsageError(`not taken: ${after?.refused.at(-1) ?? "it does not count"}`);
  tell(`taken: ${after.done.by} has done ${name} (${task.text})`);
  return 0;
}
