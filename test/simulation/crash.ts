import type { SimProcess } from "./host.ts";
import { crashPlan } from "./plan.ts";
import { createRandom } from "./random.ts";
import { historyOf, abort, createWorld, kill, play, start, take, type History } from "./world.ts";

/** Where somebody dies, and what is done about it. */
export interface Crash {
  /** The process dies when it asks the world for the n-th time, be it the store, the disk, a target or a metric; from 2. */
  readonly at: number;
  /** Who dies: the runner, or the abort that came when the runner was at its `abortAt`-th question. */
  readonly who: "runner" | "abort";
  readonly abortAt: number;
  readonly next: "abort" | "resume";
  readonly fenced: boolean;
  /** Whether what the dead process had sent is still done. */
  readonly lands: boolean;
}

export interface Crashed extends History {
  /** Whether anybody died: false when the process was done before it came so far. */
  readonly died: boolean;
}

const HORIZON = 200_000;

/** One rollout in a world where nothing goes wrong but one death, and one person who comes after it. */
export async function crash(point: Crash): Promise<Crashed> {
  const { fenced, lands, next } = point;
  const world = createWorld(createRandom(1), fenced, crashPlan(), lands ? 1 : 0);
  const runner = world.hosts.start("laptop");
  let died = false;
  const die = (process: SimProcess): void => {
    died = true;
    kill(world, process);
  };
  if (point.who === "runner") runner.atGate(point.at, () => die(runner));
  else
    runner.atGate(point.abortAt, () => {
      kill(world, runner);
      const first = abort(world, "laptop", "the first abort");
      first.atGate(point.at, () => die(first));
    });
  start(world, runner);
  await play(world, HORIZON);
  if (world.rollout !== null) {
    if (next === "abort") abort(world, "laptop", "what is left");
    else take(world, "laptop", "continue", null);
    await play(world, world.clock.mono() + HORIZON);
  }
  return { ...(await historyOf(world, point.at, fenced)), died };
}
