import { setTimeout as sleep } from "node:timers/promises";

import type { Note, Word } from "../core/event.ts";
import { replay } from "../core/replay.ts";
import { step } from "../core/step.ts";
import { isRunnerLost } from "../engine/is-runner-lost.ts";
import { lastOwner } from "../engine/last-owner.ts";
import type { RolloutRead } from "../engine/read-rollout.ts";
import { systemClock } from "../engine/system-clock.ts";
import { systemProcesses } from "../engine/system-processes.ts";
import { command } from "../report/scene.ts";
import { composeStore } from "./compose.ts";
import type { Place } from "./known-evidence.ts";
import { readJournal } from "./read-journal.ts";
import { readRolloutAt, sceneOf } from "./read-rollout-at.ts";
import { UsageError } from "./usage-error.ts";

/** How long the answer of the runner is awaited, and how often it is looked for, in milliseconds. */
const PATIENCE = 15_000;
const LOOK = 200;

/** What a person says; stage and hold are filled in from what the person could see. */
export type Said = Pick<Word, "kind" | "by" | "reason" | "check" | "yes">;

/** How a word is signed, where the rollout has a policy. */
export interface Signing {
  /** The key of `--key`. */
  readonly key?: string | undefined;
  /** The name of `--by`. */
  readonly by?: string | undefined;
}

/** Whether the process that owns the rollout is gone; waits until its heartbeat says so either way. */
export async function hasNoRunner(place: Place, read: RolloutRead): Promise<boolean> {
  const store = await composeStore(place.evidence);
  return isRunnerLost(
    { store, clock: systemClock, processes: systemProcesses },
    place.id,
    read.epoch,
    lastOwner(read.entries),
  );
}

/** Puts a word into the inbox of a rollout and waits until its runner took or refused it. Gives what became of it. */
export async function postWord(place: Place, said: Said, signing: Signing = {}): Promise<string> {
  const read = await readRolloutAt(place);
  const scene = sceneOf(place, read.plan);
  if (read.state.phase.kind === "ended")
    throw new UsageError(`rollout ${place.id} is over: there is nothing to ${said.kind}`);
  if (await hasNoRunner(place, read))
    throw new UsageError(
      `the runner of ${place.id} is gone: nobody would hear it`,
      `to run it on: ${command(scene, "resume")}\nto roll back:  ${command(scene, "abort", "--reason …")}`,
    );
  const { state } = read;
  const bare: Word = {
    ...said,
    // Stopping is never out of date: a hold counts also when the next stage has begun meanwhile.
    stage: said.kind === "hold" ? null : (read.plan.stages[state.stage]?.name ?? null),
    hold: said.kind === "resume" || said.kind === "promote" ? (state.hold?.id ?? null) : null,
  };
  const word = await signed(bare, read, place.id, signing);
  const store = await composeStore(place.evidence);
  await store.post(place.id, JSON.stringify(word));
  return answerTo(place, word, read.entries.length);
}

/** Signs what a policy may ask a signature for. Stopping never needs one. */
async function signed(
  word: Word,
  { plan, digest }: RolloutRead,
  rollout: string,
  { key, by }: Signing,
): Promise<Word> {
  const { governance } = plan;
  if (governance === undefined || word.kind === "hold") return word;
  if (word.kind === "resume" && governance.resume === null) return word;
  const { signWord } = await import("./policy/sign-word.ts");
  return signWord(word, { plan, digest, rollout, key, by });
}

/** The runner writes what it says to a word after the word, maybe a moment later: what the machine says is what it will say. */
function saidTo({ plan, entries }: RolloutRead, at: number): readonly Note[] {
  const word = entries[at];
  return word === undefined ? [] : step(plan, replay(plan, entries.slice(0, at)), word).notes;
}

/** Waits until the runner has read the word, and says what became of it. */
async function answerTo(place: Place, word: Word, from: number): Promise<string> {
  const end = performance.now() + PATIENCE;
  while (performance.now() < end) {
    const read = await readJournal(place);
    if ("missing" in read) break;
    const at = read.entries.findIndex(({ event }, index) => index >= from && isSame(event, word));
    if (at !== -1) {
      for (const note of saidTo(read, at)) {
        if (note.kind === "word-refused") throw new UsageError(`not taken: ${note.why}`);
        if (note.kind === "word-counted")
          return `counted: ${word.kind} of ${note.by}; needed: ${note.missing}`;
      }
      return `taken: ${word.kind}${word.check === null ? "" : ` ${word.check}`}`;
    }
    if (read.state.phase.kind === "ended")
      throw new UsageError("the rollout ended before it was heard");
    await sleep(LOOK);
  }
  throw new UsageError(
    `the runner has not answered for ${PATIENCE / 1000} s; the word lies in its inbox`,
    `canary status ${place.id}`,
  );
}

function isSame(event: RolloutRead["entries"][number]["event"], word: Word): boolean {
  if (event.kind !== "word-received") return false;
  const { kind, by, check, reason } = event.word;
  return kind === word.kind && by === word.by && check === word.check && reason === word.reason;
}
