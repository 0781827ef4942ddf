import type { Note } from "../core/event.ts";
import { idle, type Cause } from "../core/state.ts";
import type { Millis, WallTime } from "../core/units.ts";
import { isBackward } from "../core/unwind.ts";
import { claimEnd } from "../engine/claim-end.ts";
import { openEpoch } from "../engine/open-epoch.ts";
import type { Engine, PlanSource } from "../engine/ports.ts";
import { confirmOpen } from "../engine/rehearsal/confirm-open.ts";
import { plainOptions, type Run } from "../engine/run.ts";
import { runEpoch, type Finish } from "../engine/runner.ts";
import { createVirtualClock, type VirtualClock } from "../engine/virtual-clock.ts";

/** How a rollout would have ended. `cut`: the time that was asked for ended before it. */
export type PastEnd =
  | { readonly kind: "promoted" }
  | { readonly kind: "rolled-back"; readonly cause: Cause }
  /** It would have waited for a person. */
  | { readonly kind: "held"; readonly why: string }
  | { readonly kind: "refused"; readonly why: string }
  | { readonly kind: "cut" };

/** One decision on the way, as it would stand in the journal. */
export interface Decision {
  readonly at: WallTime;
  readonly note: Note;
}

export interface PastRollout {
  readonly from: WallTime;
  readonly to: WallTime;
  /** The stage in force at the end; null before the first. */
  readonly stage: string | null;
  readonly end: PastEnd;
  readonly decisions: readonly Decision[];
}

export interface PlayOptions {
  readonly start: WallTime;
  readonly until: WallTime;
  /** Everything but the clock and the observer. */
  readonly engine: Omit<Engine, "clock" | "observe">;
  /** Whether a question to a source is open, and a promise that none is. */
  readonly isAsking: () => boolean;
  readonly answered: () => Promise<void>;
}

/** A rollout that can say no more about itself than this is over: the machine would go on watching for ever. */
const LONGEST: Millis = 366 * 86_400_000;

/**
 * Runs a plan through the same runner and machine as a real start, in virtual time from `start` on. It is over when it is
 * promoted, when it begins to go back, when it holds for a person, or when the clock reaches `until`.
 */
export async function playRollout(source: PlanSource, options: PlayOptions): Promise<PastRollout> {
  const { start, until } = options;
  const clock = createVirtualClock(start);
  const decisions: Decision[] = [];
  const engine: Engine = {
    ...options.engine,
    clock,
    observe: ({ at, event }) => {
      if (isDecision(event.kind)) decisions.push({ at, note: event as Note });
    },
  };
  const open = await openEpoch(engine, {
    rollout: engine.by,
    plan: source.plan,
    digest: source.digest,
    epoch: 1,
    previous: null,
    mode: "start",
    cause: null,
    options: plainOptions,
    earlier: () => Promise.resolve({ entries: [], state: idle }),
  });
  if (open === "taken") throw new Error("the backtest's own store refused its first claim");
  const { run, journal } = open;
  const way: { out: (name: string, nth: number) => void } = { out: ignore };
  const signals = {
    onSignal: (handler: typeof way.out) => {
      way.out = handler;
      return ignore;
    },
  };
  const done = runEpoch(run, open.first, {
    journal,
    owners: [],
    signals,
    claimEnd: (end) => claimEnd(run, journal, end),
    polls: false,
    firstWord: 0,
    onEntry: () => Promise.resolve(),
  });
  const latest = Math.min(until, start + LONGEST);
  const end = await play(run, done, { clock, latest, ...options });
  way.out("the end of the backtest", 2);
  await done;
  const stage = source.plan.stages[run.state.stage]?.name ?? null;
  return { from: start, to: Math.min(clock.now(), until), stage, end, decisions };
}

function ignore(): void {}

const DECISIONS: ReadonlySet<string> = new Set<Note["kind"]>([
  "stage-started",
  "soak-started",
  "soak-restarted",
  "gate-judged",
  "compared",
  "triggered",
  "warned",
  "paged",
  "held",
  "resumed",
  "stage-passed",
  "stopping",
]);

function isDecision(kind: string): boolean {
  return DECISIONS.has(kind);
}

/** A second and more without anything to do. */
const MOST_RESTS = 1000;

interface Stage extends Pick<PlayOptions, "answered" | "isAsking"> {
  readonly clock: VirtualClock;
  readonly latest: WallTime;
}

/** Lets everything that is ready happen, then moves the clock to its next timer, until it is over. */
async function play(
  run: Run,
  done: Promise<Finish>,
  { clock, latest, answered, isAsking }: Stage,
): Promise<PastEnd> {
  let finish: Finish | null = null;
  // A bug reaches the caller by `done`.
  done.then(
    (result) => (finish = result),
    () => (finish = { kind: "left" }),
  );
  let still = 0;
  for (;;) {
    await answered();
    await new Promise((resolve) => setImmediate(resolve));
    const end = finish === null ? endOf(run) : ended(finish, run);
    if (end !== null) return end;
    if (isAsking() || confirmOpen(run, [])) continue;
    still = clock.fireNext() ? 0 : still + 1;
    if (clock.now() > latest) return { kind: "cut" };
    if (still > 0) await rest(still);
  }
}

/** Something real is under way that this loop does not see, such as the store. */
async function rest(times: number): Promise<void> {
  if (times > MOST_RESTS) throw new Error("the backtest stands still: nothing will come any more");
  await new Promise((resolve) => setTimeout(resolve, 1));
}

function endOf({ state }: Run): PastEnd | null {
  const { cause, hold } = state;
  if (cause !== null && isBackward(state)) return { kind: "rolled-back", cause };
  return hold !== null && hold.clears === "person" ? { kind: "held", why: hold.why } : null;
}

function ended(finish: Finish, { state }: Run): PastEnd {
  if (finish.kind !== "end") throw new Error(`a rollout of the backtest ended ${finish.kind}`);
  const { end } = finish;
  // The way back, all in memory, may take no turn of the loop.
  if (state.cause !== null) return { kind: "rolled-back", cause: state.cause };
  switch (end.kind) {
    case "promoted":
      return { kind: "promoted" };
    case "refused":
      return { kind: "refused", why: end.problems.join("; ") };
    case "halted":
      return { kind: "held", why: end.why };
    case "rolled-back":
    case "rollback-failed":
      throw new Error(`a rollout of the backtest went on to ${end.kind}`);
  }
}
