import { exitCode } from "../core/ending.ts";
import { idle, type State } from "../core/state.ts";
import type { WallTime } from "../core/units.ts";
import type { DriverCatalog } from "../plan/driver-catalog.ts";
import { healthyScenario, type Scenario, type WordMoment } from "../plan/scenario/scenario.ts";
import type { Store } from "../store/store.ts";
import { claimEnd } from "./claim-end.ts";
import { openEpoch, type OpenEpoch } from "./open-epoch.ts";
import { openOutbox } from "./outbox/outbox.ts";
import type { Engine, JournalEntry, Observer, Outcome, PlanSource } from "./ports.ts";
import { confirmOpen } from "./rehearsal/confirm-open.ts";
import { rehearsalCatalog } from "./rehearsal/rehearsal-catalog.ts";
import { noteCommands, type RehearsalDesk } from "./rehearsal/rehearsal-desk.ts";
import { rehearsalPlan } from "./rehearsal/rehearsal-plan.ts";
import { createRehearsalWorld, hasBegun, type Progress } from "./rehearsal/rehearsal-world.ts";
import { speakers } from "./rehearsal/speakers.ts";
import { plainOptions, type Run } from "./run.ts";
import { runEpoch, type Finish } from "./runner.ts";
import { systemProcesses } from "./system-processes.ts";
import { createVirtualClock, type VirtualClock } from "./virtual-clock.ts";

export interface RehearseOptions {
  /** Null when everything is healthy. */
  readonly scenario: Scenario | null;
  readonly catalog: DriverCatalog;
  readonly observe: Observer;
  /** An empty one, in memory. */
  readonly store: Store;
  /** Where the virtual clock starts. */
  readonly start: WallTime;
  /** Takes what would be written and told; without it nothing of that is made up. */
  readonly desk?: RehearsalDesk;
}

/** How a rehearsal ended, and the state that its machine was left in. */
export type Rehearsed = Extract<Outcome, { kind: "ended" }> & { readonly state: State };

const ROLLOUT = "rehearsal";

/**
 * Runs a plan in virtual time through the same runner and machine as a real start, against targets in memory. Nothing is
 * called, read or written outside this process.
 */
export async function rehearse(source: PlanSource, options: RehearseOptions): Promise<Rehearsed> {
  const scenario = options.scenario ?? healthyScenario;
  const clock = createVirtualClock(options.start);
  const began = new Map<string, number>();
  const progress: Progress = {
    elapsed: () => clock.mono(),
    stageBegan: (stage) => began.get(stage),
  };
  const engine = rehearsalEngine(source, options, clock, progress, (entry, line) => {
    if (entry.event.kind === "stage-started") began.set(entry.event.stage, entry.mono);
    options.observe(entry, line);
  });
  const open = await openEpoch(engine, {
    rollout: ROLLOUT,
    plan: rehearsalPlan(source.plan),
    digest: source.digest,
    epoch: 1,
    previous: null,
    mode: "start",
    cause: null,
    options: plainOptions,
    earlier: () => Promise.resolve({ entries: [], state: idle }),
  });
  if (open === "taken") throw new Error("the rehearsal's own store refused its first claim");
  const { run } = open;
  const outbox = options.desk === undefined ? null : openOutbox(run, []);
  const done = runInMemory(open, (entry) => outbox?.onEntry(entry));
  const speakersOf = (check: string) => speakers(source.plan, check, ROLLOUT);
  const finish = await play({ run, clock, scenario, progress, speakersOf }, done);
  if (finish.kind !== "end") throw new Error(`the rehearsal ended ${finish.kind}`);
  // Nobody it tells anything takes time, so there is nothing to wait for.
  await outbox?.close(0);
  const exit = exitCode(finish.end);
  const { state } = run;
  return { kind: "ended", rollout: ROLLOUT, end: finish.end, exit, leftovers: [], state };
}

/** Nobody else can be there, and no signal comes. */
function runInMemory(
  { run, journal, first }: OpenEpoch,
  onEntry: (entry: JournalEntry) => void,
): Promise<Finish> {
  return runEpoch(run, first, {
    journal,
    owners: [],
    signals: { onSignal: () => () => undefined },
    claimEnd: (end) => claimEnd(run, journal, end, onEntry),
    polls: false,
    firstWord: 0,
    onEntry: (entry) => {
      onEntry(entry);
      return Promise.resolve();
    },
  });
}

/** An engine with the plan's own drivers in front of targets in memory. */
function rehearsalEngine(
  source: PlanSource,
  options: RehearseOptions,
  clock: VirtualClock,
  progress: Progress,
  observe: Observer,
): Engine {
  const world = createRehearsalWorld(source.plan, options.scenario ?? healthyScenario, progress);
  const { desk } = options;
  return {
    clock,
    store: options.store,
    elsewhere: () => ({ store: options.store, evidence: ROLLOUT }),
    evidence: ROLLOUT,
    writeEvidence: (path, content) => Promise.resolve(desk?.write(path, content)),
    readEvidence: () => Promise.resolve(null),
    processes: systemProcesses,
    sealHead: () => Promise.resolve(),
    sealRollout: () => Promise.resolve(),
    catalog: rehearsalCatalog(options.catalog, world, desk),
    exec: desk === undefined ? noPort : () => noteCommands(desk),
    http: noPort,
    secret: (reference) => `the value of ${reference}`,
    by: ROLLOUT,
    observe,
  };
}

/** A rehearsal whose drivers call anything is a bug. */
function noPort(): () => Promise<never> {
  return () => Promise.reject(new Error("a rehearsal calls nothing outside"));
}

/** What is played, and by whom. */
interface Played {
  readonly run: Run;
  readonly clock: VirtualClock;
  readonly scenario: Scenario;
  readonly progress: Progress;
  readonly speakersOf: (check: string) => readonly string[];
}

/** Lets everything that is ready happen, then moves the clock to its next timer, until the end. */
async function play(stage: Played, done: Promise<Finish>): Promise<Finish> {
  const said = new Set<WordMoment>();
  let finish: Finish | null = null;
  const over = done.then((result) => (finish = result));
  for (;;) {
    await Promise.race([over, new Promise((resolve) => setImmediate(resolve))]);
    if (finish !== null) return finish;
    if (speak(stage, said)) continue;
    if (stage.clock.fireNext()) continue;
    await Promise.race([over, new Promise((resolve) => setTimeout(resolve, 50))]);
    if (finish !== null) return finish;
    throw new Error("the rehearsal stands still: nothing is pending and nothing will come");
  }
}

/** Says what the scenario says now, and confirms what it does not name. */
function speak(stage: Played, said: Set<WordMoment>): boolean {
  const { run, scenario, progress, speakersOf } = stage;
  for (const moment of scenario.words) {
    if (said.has(moment) || !hasBegun(progress, moment)) continue;
    said.add(moment);
    say(stage, moment.word);
    return true;
  }
  const named = scenario.words.flatMap(({ word }) =>
    word.kind === "confirm" && word.check !== null ? [word.check] : [],
  );
  return confirmOpen(run, named, speakersOf);
}

/** One person's no is enough; a yes is said by as many as are asked for. */
function say({ run, speakersOf }: Played, word: WordMoment["word"]): void {
  if (word.kind === "abort")
    return void run.record({ kind: "interrupted", by: ROLLOUT, reason: word.reason });
  const isYes = word.kind === "confirm" && word.check !== null && word.yes;
  const speaking = isYes ? speakersOf(word.check) : [word.by];
  for (const by of speaking) void run.record({ kind: "word-received", word: { ...word, by } });
}
