import type { SimProcess } from "./host.ts";
import { simPlan } from "./plan.ts";
import { createRandom, type Random } from "./random.ts";
import { CALM } from "./target.ts";
import {
  FOREIGN,
  abort,
  createWorld,
  heal,
  healStore,
  historyOf,
  kill,
  note,
  play,
  start,
  take,
  type History,
  type World,
} from "./world.ts";

/** By then everything that was started has ended, or waits for a person. */
const HORIZON = 150_000;

/** Plays one rollout with everything that happens to it, decided by the seed alone. */
export async function simulate(seed: number): Promise<History> {
  const random = createRandom(seed);
  const fenced = random.chance(0.5);
  const world = createWorld(random, fenced, simPlan(random));
  const first = world.hosts.start("laptop");
  start(world, first);
  schedule(world, first);
  scheduleLoss(world, createRandom(seed + 0x51_05_7e_d0));
  await play(world, HORIZON);
  await wrapUp(world);
  return historyOf(world, seed, fenced);
}

/** The world heals, a person aborts what is still open, and every frozen process is thawed. */
async function wrapUp(world: World): Promise<void> {
  heal(world);
  world.ledger.healed = world.clock.mono();
  if (world.rollout !== null) abort(world, "laptop", "the last abort");
  await play(world, world.clock.mono() + HORIZON);
  const halted = world.left.some(
    ({ outcome }) =>
      !(outcome instanceof Error) && "end" in outcome && outcome.end.kind === "halted",
  );
  if (halted) {
    note(world, "abort past the point of no return");
    abort(world, "laptop", "go back all the same", true);
    await play(world, world.clock.mono() + HORIZON);
  }
  for (const process of world.hosts.all) process.thaw();
  await play(world, world.clock.mono() + HORIZON);
}

function schedule(world: World, runner: SimProcess): void {
  const { random, clock } = world;
  const when = (): number => (random.chance(0.3) ? random.int(0, 3000) : random.int(0, 30_000));
  const some = (probability: number, happen: () => void): void => {
    if (random.chance(probability)) clock.after(when(), happen);
  };
  some(0.4, () => weather(world));
  some(0.35, () => measurements(world));
  some(0.25, () => storeFault(world));
  some(0.08, () => foreign(world));
  some(0.25, () => freeze(world, runner));
  // At a point of its work, as between the last look at the store and the write: an abort comes meanwhile.
  if (random.chance(0.3))
    runner.atGate(random.int(1, 120), () => {
      freeze(world, runner);
      clock.after(random.int(1, 6000), () => {
        if (world.rollout !== null) abort(world, random.pick(["laptop", "other"]), "it hangs");
      });
    });
  some(0.3, () => {
    note(world, "kill -9 of the runner");
    kill(world, runner);
  });
  for (const probability of [0.45, 0.2, 0.1])
    some(probability, () => {
      if (world.rollout === null) return;
      const host = random.pick(["laptop", "other"]);
      note(world, `abort by ${host}`);
      const process = abort(world, host, "enough");
      if (random.chance(0.15)) clock.after(random.int(0, 8000), () => freeze(world, process));
      if (random.chance(0.15))
        clock.after(random.int(0, 8000), () => {
          note(world, "kill -9 of an abort");
          kill(world, process);
        });
    });
  some(0.15, () => {
    if (world.rollout === null || runner.alive()) return;
    note(world, "resume by laptop");
    take(world, "laptop", "continue", null);
  });
  some(0.15, () => word(world));
  some(0.2, () => jump(world));
  some(0.1, () => race(world));
}

/** Drawn by itself, so that a seed plays the same run with and without it. */
function scheduleLoss(world: World, random: Random): void {
  if (!random.chance(0.1)) return;
  world.clock.after(random.int(500, 40_000), () => void powerCut(world, random));
}

/** Everybody dies at once, and what the store had taken last is not there when it is back. */
async function powerCut(world: World, random: Random): Promise<void> {
  const { rollout, lossy, hosts, shared } = world;
  if (rollout === null || world.isCalm) return;
  for (const process of hosts.all) if (process.alive()) kill(world, process);
  const epoch = random.chance(0.7)
    ? await shared.lastEpoch(rollout)
    : random.int(1, await shared.lastEpoch(rollout));
  const count = random.pick([random.int(1, 5), random.int(1, 30), 1000]);
  const gone = await lossy.lose(rollout, epoch, count);
  if (gone > 0) note(world, "the store lost the last lines");
}

function weather(world: World): void {
  const { random } = world;
  const kind = random.pick(["lost", "mute", "refused", "lies", "slow", "twice"]);
  note(world, `targets: ${kind}`);
  world.targets.weather = {
    ...world.targets.weather,
    [kind]: random.pick([0.1, 0.5, kind === "slow" ? 1 : 0.9]),
  };
  world.clock.after(random.int(1000, 60_000), () => {
    world.targets.weather = CALM;
  });
}

function measurements(world: World): void {
  const { random } = world;
  world.metric = random.pick(["bad", "worse", "none", "hangs"]);
  note(world, `metric: ${world.metric}`);
  world.clock.after(random.int(500, 60_000), () => void (world.metric = "good"));
}

function storeFault(world: World): void {
  const { random, faults, targets } = world;
  const kind = random.pick<"down" | "full" | "cut" | "mute" | "slow" | "twice" | "partition">([
    "down",
    "full",
    "cut",
    "mute",
    "slow",
    "twice",
    "partition",
  ]);
  note(world, kind === "partition" ? kind : `store: ${kind}`);
  const host = random.pick(["laptop", "other"]);
  if (kind === "cut" || kind === "partition") faults.cut.add(host);
  if (kind === "partition") targets.cut.add(host);
  else if (kind === "mute" || kind === "slow" || kind === "twice") faults[kind] = 0.3;
  else if (kind !== "cut") faults[kind] = true;
  world.clock.after(random.int(500, 40_000), () => healStore(world));
}

/** Two aborts from two laptops, a promote, and sometimes a resume, all within a moment. */
function race(world: World): void {
  const { random, clock } = world;
  if (world.rollout === null) return;
  note(world, "two aborts and a promote at once");
  say(world, "promote");
  for (const host of ["laptop", "other"])
    clock.after(random.int(0, 40), () => abort(world, host, "race"));
  if (random.chance(0.3))
    clock.after(random.int(0, 40), () => take(world, "other", "continue", null));
}

function foreign(world: World): void {
  const key = world.random.pick(["image", "replicas", "weight"]);
  note(world, `foreign change of ${key}`);
  world.targets.write(key, FOREIGN);
}

function freeze(world: World, process: SimProcess): void {
  if (!process.alive() || world.isCalm) return;
  note(world, "freeze");
  process.freeze();
  // Some thaw only when all is over.
  if (world.random.chance(0.7))
    world.clock.after(world.random.int(100, 60_000), () => process.thaw());
}

function word(world: World): void {
  if (world.rollout === null) return;
  const kind = world.random.pick(["hold", "promote"]);
  note(world, `word: ${kind}`);
  say(world, kind);
  if (kind === "hold")
    world.clock.after(world.random.int(1000, 30_000), () => say(world, "resume"));
}

function say(world: World, kind: string): void {
  const said = { by: "tester", reason: "because", check: null, yes: true, stage: null, hold: null };
  const word = JSON.stringify({ ...said, kind });
  void world.shared.post(world.rollout ?? "", word);
  // The laptop that sent it tried again.
  if (world.random.chance(world.faults.twice)) void world.shared.post(world.rollout ?? "", word);
}

/** NTP, or a person, sets the wall clock of a machine. */
function jump(world: World): void {
  const { random, clock, hosts } = world;
  const host = random.pick(["laptop", "laptop", "other"]);
  const by = random.pick([-1, 1]) * random.int(500, 3_600_000);
  note(world, `the clock jumps by ${by}`);
  world.jumps.push({ at: clock.mono(), host, by });
  hosts.skew(host, by);
}
