import { exitCode } from "../../src/core/ending.ts";
import { sameValue } from "../../src/core/field.ts";
import type { Outcome } from "../../src/engine/ports.ts";
import { splitLines } from "../../src/store/split-lines.ts";
import type { EpochLines, Store } from "../../src/store/store.ts";
import { endsOf } from "../simulation/lines.ts";
import { crashPlan } from "../simulation/plan.ts";
import { createRandom, type Random } from "../simulation/random.ts";
import {
  abort,
  BASELINE,
  createWorld,
  heal,
  historyOf,
  kill,
  play,
  start,
  type World,
} from "../simulation/world.ts";
import { mutate } from "./mutate.ts";

/** What an abort made of a journal that somebody or something had spoilt. */
export interface Spoilt {
  /** In which ways. */
  readonly how: string;
  /** How the abort came out: its kind and exit, or the error that it said. */
  readonly outcome: string;
  /** What it claims and is not so; null when all is well. */
  readonly wrong: string | null;
  readonly log: readonly string[];
}

const HORIZON = 300_000;

/**
 * A runner dies at a random moment, its journals are spoilt, and a person aborts. Whatever is left of them, the abort says
 * what is true of the targets, and fails in words.
 */
export async function fuzzJournal(seed: number): Promise<Spoilt> {
  const random = createRandom(seed);
  const world = createWorld(random, random.chance(0.5), crashPlan());
  const runner = world.hosts.start("laptop");
  start(world, runner);
  world.clock.after(random.int(100, 9000), () => kill(world, runner));
  await play(world, 10_000);
  if (world.rollout === null) return { how: "", outcome: "nothing began", wrong: null, log: [] };
  const before = await historyOf(world, seed, true);
  const wasPromoted = endsOf(before).some(({ end }) => end.kind === "promoted");
  const { how, store } = await spoil(world, random);
  heal(world);
  const spoilt = { ...world, shared: store };
  const process = abort(spoilt, "laptop", "whatever is left");
  await play(spoilt, world.clock.mono() + HORIZON);
  const left = world.left.findLast(({ pid }) => pid === process.owner.pid)?.outcome;
  // A journal without its last lines is a journal: only signed heads and witnesses tell, and `canary verify` asks them.
  const isCut = how.split(", ").includes("cut");
  const outcome = left === undefined ? "it never ended" : told(left);
  return { how, outcome, wrong: wrongOf(world, left, { wasPromoted, isCut }), log: world.log };
}

/** The journals as a file store would read them when something has been at their bytes. */
async function spoil(world: World, random: Random): Promise<{ how: string; store: Store }> {
  const rollout = world.rollout ?? "";
  const epochs = await world.shared.read(rollout);
  const victim = random.int(0, epochs.length - 1);
  const before = epochs[victim];
  if (before === undefined) return { how: "nothing", store: world.shared };
  const { text, how } = mutate(Buffer.from(`${before.lines.join("\n")}\n`), random);
  const spoilt = { epoch: before.epoch, ...splitLines(text.toString()) };
  const read = async (id: string): Promise<readonly EpochLines[]> =>
    (await world.shared.read(id)).map((each) => (each.epoch === spoilt.epoch ? spoilt : each));
  return { how, store: { ...world.shared, read } };
}

function told(outcome: Outcome | Error): string {
  if (outcome instanceof Error) return `error: ${outcome.message}`;
  return "end" in outcome ? `${outcome.kind} ${outcome.end.kind}` : outcome.kind;
}

function wrongOf(
  { targets, rollout }: World,
  outcome: Outcome | Error | undefined,
  { wasPromoted, isCut }: { readonly wasPromoted: boolean; readonly isCut: boolean },
): string | null {
  if (outcome === undefined) return "it never ended";
  if (outcome instanceof Error) {
    const isPlain =
      outcome.constructor === Error && /rollout|store|journal|abort/u.test(outcome.message);
    return isPlain ? null : `a bug: ${outcome.stack ?? outcome.message}`;
  }
  if (!("end" in outcome)) return null;
  const { end } = outcome;
  if (end.kind === "promoted" && !wasPromoted) return `${rollout} was never promoted`;
  if (end.kind !== "rolled-back" || isCut) return null;
  for (const [key, baseline] of Object.entries(BASELINE)) {
    const live = targets.values.get(key) ?? { present: false };
    if (!sameValue(live, baseline))
      return `exit ${exitCode(end)}, and ${key} is ${JSON.stringify(live)}`;
  }
  return null;
}
