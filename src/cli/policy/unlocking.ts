import type { Word } from "../../core/event.ts";
import { UNLOCK, unlockProblem } from "../../policy/unlock-problem.ts";
import { command } from "../../report/scene.ts";
import { actingPerson } from "../acting-person.ts";
import type { Place } from "../known-evidence.ts";
import { tell } from "../print.ts";
import { readRolloutAt, sceneOf } from "../read-rollout-at.ts";
import { followUpWords, writeFollowUp } from "./follow-ups.ts";
import { signWord } from "./sign-word.ts";

interface Options {
  readonly reason?: string;
  readonly by?: string;
  readonly key?: string;
  readonly no?: boolean;
}

/** Says, signed, that a rollout may be halted where it is. */
export async function confirmUnlock(place: Place, options: Options): Promise<number> {
  const { plan, digest } = await readRolloutAt(place);
  const { key, by, reason = "", no } = options;
  const word: Word = {
    ...{ kind: "confirm", by: by ?? actingPerson(), reason, check: UNLOCK, yes: no !== true },
    ...{ stage: null, hold: null },
  };
  await writeFollowUp(place, await signWord(word, { plan, digest, rollout: place.id, key, by }));
  const problem = await whyLocked(place);
  const scene = sceneOf(place, plan);
  tell(
    problem === null
      ? `taken; it may be unlocked now: ${command(scene, "unlock", "--reason …")}`
      : `taken; still missing: ${problem}`,
  );
  return 0;
}

/** Why the policy does not let a rollout be unlocked; null when it does, or where nothing of a policy can be read. */
export async function whyLocked(place: Place): Promise<string | null> {
  const read = await readRolloutAt(place).catch(() => null);
  if (read === null) return null;
  const { plan, digest } = read;
  const words = await followUpWords(place);
  return unlockProblem(words, { plan, digest, rollout: place.id, now: Date.now() });
}
