import { setTimeout as sleep } from "node:timers/promises";

import type { FieldValue } from "../../src/core/field.ts";
import type { Cause } from "../../src/core/state.ts";
import type { Engine, Outcome, PlanSource } from "../../src/engine/ports.ts";
import { startRollout } from "../../src/engine/start-rollout.ts";
import { takeOver } from "../../src/engine/take-over.ts";
import { createVirtualClock, type VirtualClock } from "../../src/engine/virtual-clock.ts";
import type { EpochLines, Store } from "../../src/store/store.ts";
import { engineOf } from "./engine.ts";
import { createHosts, type Hosts, type SimProcess } from "./host.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import { createLossyStore, type LossyStore } from "./lossy-store.ts";
import type { StoreFaults } from "./net-store.ts";
import type { Random } from "./random.ts";
import { CALM, createTargets, type Targets } from "./target.ts";

export const BASELINE: Readonly<Record<string, FieldValue>> = {
  image: { present: true, value: "v1" },
  replicas: { present: true, value: 1 },
  schema: { present: true, value: "old" },
  weight: { present: true, value: 0 },
};

/** What somebody else writes. */
export const FOREIGN: FieldValue = { present: true, value: "theirs" };

/** A measurement that some process was given. */
export interface Served {
  readonly at: number;
  readonly pid: number;
  /** Null: there was no answer. */
  readonly value: number | null;
}

/** A jump of a wall clock, as NTP or a person makes it; the monotonic clock knows nothing of it. */
export interface Jump {
  readonly at: number;
  readonly host: string;
  readonly by: number;
}

/** How a process that acted on the rollout came out. */
export interface Left {
  readonly at: number;
  readonly pid: number;
  readonly name: string;
  readonly outcome: Outcome | Error;
}

/** Everything that is known of a run when it is over. */
export interface History {
  readonly seed: number;
  readonly source: PlanSource;
  readonly fenced: boolean;
  readonly rollout: string;
  readonly targets: Targets;
  readonly ledger: Ledger;
  readonly served: readonly Served[];
  readonly left: readonly Left[];
  /** Every line that was ever written, and those of them that the store lost. */
  readonly epochs: readonly EpochLines[];
  readonly lost: ReadonlySet<string>;
  /** Jumps of the wall clock of a host: when, and by how many milliseconds. */
  readonly jumps: readonly Jump[];
  /** What was done to this run, for the table of what was reached. */
  readonly faults: ReadonlySet<string>;
  readonly log: readonly string[];
  /** Processes that were neither dead nor done when nothing moved any more. */
  readonly stuck: readonly string[];
}

/** One run under way. */
export interface World {
  readonly random: Random;
  readonly clock: VirtualClock;
  readonly hosts: Hosts;
  readonly targets: Targets;
  readonly ledger: Ledger;
  readonly lossy: LossyStore;
  readonly shared: Store;
  readonly faults: StoreFaults;
  readonly files: Map<string, string>;
  readonly source: PlanSource;
  readonly served: Served[];
  readonly left: Left[];
  readonly running: Map<number, string>;
  readonly reached: Set<string>;
  readonly jumps: Jump[];
  readonly log: string[];
  metric: "good" | "bad" | "worse" | "none" | "hangs";
  rollout: string | null;
  /** Nothing happens any more. */
  isCalm: boolean;
}

const START = Date.UTC(2026, 0, 5);
/** By then everything that is scheduled has happened. */
const EVENTS = 110_000;

/** A world in which nothing has happened yet. `lands`: the probability that a request of a process that dies still lands. */
export function createWorld(
  random: Random,
  fenced: boolean,
  source: PlanSource,
  lands = 0.5,
): World {
  const clock = createVirtualClock(START);
  const ledger = createLedger();
  const reached = new Set([fenced ? "fenced targets" : "targets without a fence"]);
  const lossy = createLossyStore();
  const targets = createTargets(clock, random.fork(), {
    fenced,
    lands,
    ledger,
    happened: (fault) => void reached.add(fault),
  });
  for (const [key, value] of Object.entries(BASELINE)) targets.values.set(key, value);
  return {
    random,
    clock,
    hosts: createHosts(clock, (owner) => targets.settle(owner.pid)),
    targets,
    ledger,
    lossy,
    shared: lossy.store,
    faults: { cut: new Set(), down: false, full: false, mute: 0, slow: 0, twice: 0 },
    files: new Map(),
    source,
    served: [],
    left: [],
    running: new Map(),
    reached,
    jumps: [],
    log: [],
    metric: "good",
    rollout: null,
    isCalm: false,
  };
}

/** What is known of a run when it is over. */
export async function historyOf(world: World, seed: number, fenced: boolean): Promise<History> {
  return {
    seed,
    source: world.source,
    fenced,
    rollout: world.rollout ?? "",
    targets: world.targets,
    ledger: world.ledger,
    served: world.served,
    left: world.left,
    epochs: await world.lossy.written(world.rollout ?? ""),
    lost: world.lossy.lost,
    jumps: world.jumps,
    faults: world.reached,
    log: world.log,
    stuck: acting(world).map(({ owner }) => world.running.get(owner.pid) ?? ""),
  };
}

/** The store works, and everybody reaches it and the targets. */
export function healStore({ faults, targets }: World): void {
  faults.cut.clear();
  targets.cut.clear();
  faults.down = false;
  faults.full = false;
  faults.mute = 0;
  faults.slow = 0;
  faults.twice = 0;
}

/** Nothing goes wrong any more. */
export function heal(world: World): void {
  world.isCalm = true;
  healStore(world);
  world.metric = "good";
  world.targets.weather = CALM;
}

/** Resolves when nothing is ready any more: a tick comes when no promise is left to go on. Nothing here waits for real input. */
function quiet(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

/** Lets everything that is ready happen, then moves the clock to its next timer, until nothing is left or it is late. */
export async function play(world: World, until: number): Promise<void> {
  for (;;) {
    await quiet();
    if (world.clock.mono() > until) return;
    if (world.clock.mono() > EVENTS && acting(world).every((process) => process.frozen())) {
      // Requests that are under way may still land.
      const last = world.clock.mono() + 10_000;
      while (world.clock.mono() < last && world.clock.fireNext()) await quiet();
      return;
    }
    if (world.clock.fireNext()) continue;
    if (!(await loaded(world))) return;
  }
}

/** What the engine imports only when it needs it comes from the disk: somebody acts, and waits for no timer. */
async function loaded(world: World): Promise<boolean> {
  for (let looks = 0; looks < 400; looks += 1) {
    if (acting(world).every((process) => process.frozen())) return false;
    await sleep(5);
    if (world.clock.fireNext()) return true;
  }
  return false;
}

/** Processes that have something to do and live. */
function acting({ hosts, running }: World): readonly SimProcess[] {
  return hosts.all.filter((process) => process.alive() && running.has(process.owner.pid));
}

export function note(world: World, fault: string): void {
  world.reached.add(fault.replaceAll(/ by .*| of .*/gu, ""));
  world.log.push(`${world.clock.mono()} ${fault}`);
}

export function act(
  world: World,
  process: SimProcess,
  name: string,
  run: (engine: Engine) => Promise<Outcome>,
): void {
  const { pid } = process.owner;
  world.running.set(pid, name);
  const ended = (outcome: Outcome | Error): void => {
    world.running.delete(pid);
    world.left.push({ at: world.clock.mono(), pid, name, outcome });
    world.log.push(`${world.clock.mono()} ${name} (${pid}) ${shown(outcome)}`);
    // A process that is done is gone: nothing of it may act any more.
    process.kill();
  };
  run(engineOf(world, process)).then(ended, (error: unknown) =>
    ended(error instanceof Error ? error : new Error(String(error))),
  );
}

function shown(outcome: Outcome | Error): string {
  return outcome instanceof Error ? `threw ${outcome.message}` : JSON.stringify(outcome);
}

export function start(world: World, process: SimProcess): void {
  act(world, process, "start", (engine) =>
    startRollout(engine, world.source, {
      signals: { onSignal: () => () => undefined },
      acceptLive: false,
      onRollout: (rollout) => {
        world.rollout = rollout;
        return Promise.resolve();
      },
    }),
  );
}

export function abort(
  world: World,
  host: string,
  text: string,
  pastIrreversible = false,
): SimProcess {
  return take(world, host, "rollback", { kind: "abort", text, by: "tester" }, pastIrreversible);
}

export function take(
  world: World,
  host: string,
  mode: "rollback" | "continue",
  cause: Cause | null,
  pastIrreversible = false,
): SimProcess {
  const process = world.hosts.start(host);
  act(world, process, mode === "continue" ? "resume" : "abort", (engine) =>
    takeOver(engine, world.rollout ?? "", {
      mode,
      cause,
      overwrite: false,
      pastIrreversible,
      afterPromoted: false,
      signals: { onSignal: () => () => undefined },
    }),
  );
  return process;
}

export function kill(world: World, process: SimProcess): void {
  process.kill();
  world.running.delete(process.owner.pid);
}
