import type { FieldValue } from "../../src/core/field.ts";
import type { Cause } from "../../src/core/state.ts";
import type { MetricDriver } from "../../src/drivers/driver.ts";
import type { Engine, Outcome, PlanSource } from "../../src/engine/ports.ts";
import { startRollout } from "../../src/engine/start-rollout.ts";
import { takeOver } from "../../src/engine/take-over.ts";
import { createVirtualClock, type VirtualClock } from "../../src/engine/virtual-clock.ts";
import { createMemoryStore } from "../../src/store/memory-store.ts";
import type { EpochLines, Store } from "../../src/store/store.ts";
import { createHosts, type Hosts, type SimProcess } from "./host.ts";
import { netStore, type StoreFaults } from "./net-store.ts";
import { simPlan } from "./plan.ts";
import { createRandom, type Random } from "./random.ts";
import { CALM, createTargets, type Targets } from "./target.ts";

export const BASELINE: Readonly<Record<string, FieldValue>> = {
  image: { present: true, value: "v1" },
  replicas: { present: true, value: 1 },
  weight: { present: true, value: 0 },
};

/** A measurement that some process was given. */
export interface Served {
  readonly at: number;
  readonly pid: number;
  /** Null: there was no answer. */
  readonly value: number | null;
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
  readonly served: readonly Served[];
  readonly left: readonly Left[];
  readonly epochs: readonly EpochLines[];
  /** What was done to this run, for the table of what was reached. */
  readonly faults: ReadonlySet<string>;
  readonly log: readonly string[];
  /** Processes that were neither dead nor done when nothing moved any more. */
  readonly stuck: readonly string[];
}

interface World {
  readonly random: Random;
  readonly clock: VirtualClock;
  readonly hosts: Hosts;
  readonly targets: Targets;
  readonly shared: Store;
  readonly faults: StoreFaults;
  readonly files: Map<string, string>;
  readonly source: PlanSource;
  readonly served: Served[];
  readonly left: Left[];
  readonly running: Map<number, string>;
  readonly reached: Set<string>;
  readonly log: string[];
  metric: "good" | "bad" | "worse" | "none" | "hangs";
  rollout: string | null;
  /** Nothing happens any more. */
  isCalm: boolean;
}

const START = Date.UTC(2026, 0, 5);
/** By then everything that is scheduled has happened. */
const EVENTS = 110_000;
/** By then everything that was started has ended, or waits for a person. */
const HORIZON = 600_000;

/** Plays one rollout with everything that happens to it, decided by the seed alone. */
export async function simulate(seed: number): Promise<History> {
  const random = createRandom(seed);
  const clock = createVirtualClock(START);
  const fenced = random.chance(0.5);
  const targets = createTargets(clock, random.fork(), fenced);
  for (const [key, value] of Object.entries(BASELINE)) targets.values.set(key, value);
  const world: World = {
    random,
    clock,
    hosts: createHosts(clock, (owner) => targets.settle(owner.pid)),
    targets,
    shared: createMemoryStore(),
    faults: { cut: new Set(), down: false, full: false, mute: 0 },
    files: new Map(),
    source: simPlan(random),
    served: [],
    left: [],
    running: new Map(),
    reached: new Set([fenced ? "fenced targets" : "targets without a fence"]),
    log: [],
    metric: "good",
    rollout: null,
    isCalm: false,
  };
  const first = world.hosts.start("laptop");
  start(world, first);
  schedule(world, first);
  await play(world, HORIZON);
  await wrapUp(world);
  return {
    seed,
    source: world.source,
    fenced,
    rollout: world.rollout ?? "",
    targets,
    served: world.served,
    left: world.left,
    epochs: await world.shared.read(world.rollout ?? ""),
    faults: world.reached,
    log: world.log,
    stuck: acting(world).map(({ owner }) => world.running.get(owner.pid) ?? ""),
  };
}

/** The world heals, a person aborts what is still open, and every frozen process is thawed. */
async function wrapUp(world: World): Promise<void> {
  heal(world);
  if (world.rollout !== null) abort(world, "laptop", "the last abort");
  await play(world, world.clock.mono() + HORIZON);
  for (const process of world.hosts.all) process.thaw();
  await play(world, world.clock.mono() + HORIZON);
}

function heal(world: World): void {
  world.isCalm = true;
  world.faults.cut.clear();
  world.faults.down = false;
  world.faults.full = false;
  world.metric = "good";
  world.targets.weather = CALM;
}

/** Lets everything that is ready happen, then moves the clock to its next timer, until nothing is left or it is late. */
async function play(world: World, until: number): Promise<void> {
  for (;;) {
    await new Promise((resolve) => setImmediate(resolve));
    if (world.clock.mono() > until) return;
    if (world.clock.mono() > EVENTS && acting(world).every((process) => process.frozen())) {
      // Requests that are under way may still land.
      const last = world.clock.mono() + 10_000;
      while (world.clock.mono() < last && world.clock.fireNext())
        await new Promise((resolve) => setImmediate(resolve));
      return;
    }
    if (!world.clock.fireNext()) return;
  }
}

/** Processes that have something to do and live. */
function acting({ hosts, running }: World): readonly SimProcess[] {
  return hosts.all.filter((process) => process.alive() && running.has(process.owner.pid));
}

function note(world: World, fault: string): void {
  world.reached.add(fault.replaceAll(/ by .*| of .*/gu, ""));
  world.log.push(`${world.clock.mono()} ${fault}`);
}

function act(
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

function start(world: World, process: SimProcess): void {
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

function abort(world: World, host: string, text: string): SimProcess {
  return take(world, host, "rollback", { kind: "abort", text, by: "tester" });
}

function take(
  world: World,
  host: string,
  mode: "rollback" | "continue",
  cause: Cause | null,
): SimProcess {
  const process = world.hosts.start(host);
  act(world, process, mode === "continue" ? "resume" : "abort", (engine) =>
    takeOver(engine, world.rollout ?? "", {
      mode,
      cause,
      overwrite: false,
      pastIrreversible: false,
      afterPromoted: false,
      signals: { onSignal: () => () => undefined },
    }),
  );
  return process;
}

function kill(world: World, process: SimProcess): void {
  process.kill();
  world.running.delete(process.owner.pid);
}

function schedule(world: World, runner: SimProcess): void {
  const { random, clock } = world;
  const when = (): number => (random.chance(0.3) ? random.int(0, 3000) : random.int(0, 45_000));
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
}

function weather(world: World): void {
  const { random } = world;
  const kind = random.pick(["lost", "mute", "refused", "lies", "slow"]);
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
  const { random, faults } = world;
  const kind = random.pick<"down" | "full" | "cut" | "mute">(["down", "full", "cut", "mute"]);
  note(world, `store: ${kind}`);
  if (kind === "cut") faults.cut.add(random.pick(["laptop", "other"]));
  else if (kind === "mute") faults.mute = 0.3;
  else faults[kind] = true;
  world.clock.after(random.int(500, 40_000), () => {
    faults.cut.clear();
    faults.down = false;
    faults.full = false;
    faults.mute = 0;
  });
}

function foreign(world: World): void {
  const key = world.random.pick(["image", "replicas", "weight"]);
  note(world, `foreign change of ${key}`);
  world.targets.write(key, { present: true, value: "theirs" });
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
  const said = { by: "tester", reason: "because", check: null, yes: true, stage: null, hold: null };
  void world.shared.post(world.rollout, JSON.stringify({ ...said, kind }));
  if (kind === "hold")
    world.clock.after(world.random.int(1000, 30_000), () => {
      if (world.rollout !== null)
        void world.shared.post(world.rollout, JSON.stringify({ ...said, kind: "resume" }));
    });
}

function engineOf(world: World, process: SimProcess): Engine {
  const store = netStore(world.shared, process, world.faults, world.clock, world.random.fork());
  const nothing = (): Promise<void> => Promise.resolve();
  return {
    clock: process.clock,
    store,
    elsewhere: () => ({ store, evidence: "evidence" }),
    evidence: "evidence",
    writeEvidence: async (path, text) => {
      await process.gate();
      if (world.faults.full) throw new Error("no space left on the disk");
      world.files.set(path, text.toString());
    },
    readEvidence: async (path) => {
      await process.gate();
      return world.files.get(path) ?? null;
    },
    processes: process.processes,
    sealHead: nothing,
    sealRollout: nothing,
    catalog: {
      actions: new Map([["put", world.targets.driver(process)]]),
      metrics: new Map([["numbers", numbers(world, process)]]),
      checks: new Map(),
      evidence: new Map(),
      connections: new Map(),
      sinks: new Map(),
    },
    exec: () => () => Promise.reject(new Error("nothing is run here")),
    http: () => () => Promise.reject(new Error("nothing is sent here")),
    secret: (reference) => new Error(`no ${reference}`),
    by: "tester",
    observe: () => undefined,
  };
}

function numbers(world: World, process: SimProcess): MetricDriver<unknown, unknown> {
  const values = { good: 0, bad: 5, worse: 50, none: null, hangs: null } as const;
  return {
    type: "numbers",
    description: "",
    // The schemas are for plans in YAML; this one is built.
    get config(): never {
      throw new Error("no schema");
    },
    get query(): never {
      throw new Error("no schema");
    },
    window: () => 0,
    unit: () => null,
    lint: () => [],
    open: () => ({
      close: () => undefined,
      sample: async () => {
        await process.gate();
        await new Promise<void>((resolve) => void world.clock.after(5, resolve));
        if (world.metric === "hangs") return new Promise(() => undefined);
        const value = values[world.metric];
        await process.gate();
        world.served.push({ at: world.clock.mono(), pid: process.owner.pid, value });
        return value === null
          ? { kind: "noData", why: "nothing there" }
          : { kind: "value", value, samples: null, observedAt: null };
      },
    }),
  };
}
