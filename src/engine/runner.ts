import type { Effect } from "../core/effect.ts";
import type { End } from "../core/ending.ts";
import type { Fact, Note, Owner } from "../core/event.ts";
import { step, type Step } from "../core/step.ts";
import type { MonoTime } from "../core/units.ts";
import { isBackward } from "../core/unwind.ts";
import { heedSignals, type SignalDesk } from "./heed-signals.ts";
import type { Journal } from "./journal.ts";
import { answerOf, perform, type Performed } from "./perform.ts";
import { pollStore } from "./poll-store.ts";
import type { JournalEntry } from "./ports.ts";
import { redactEvent } from "./redact-event.ts";
import { Superseded, type Run } from "./run.ts";
import type { SignalPort } from "./signals.ts";

/** How the work on an epoch ended: its end was claimed, another process owns the rollout, or this one was told to leave. */
export type Finish =
  | { readonly kind: "end"; readonly end: End }
  | { readonly kind: "superseded"; readonly epoch: number }
  | { readonly kind: "left" }
  /** Left to a guard. */
  | { readonly kind: "detached" }
  /** The store took neither the end nor an answer whether somebody else ended it. */
  | { readonly kind: "lost"; readonly why: string };

export interface RunnerPorts {
  readonly journal: Journal;
  readonly signals: SignalPort;
  /** Owners of earlier epochs, whose late writes `secure` must rule out. */
  readonly owners: readonly Owner[];
  /** Claims the end; `taken` when another process was first. */
  readonly claimEnd: (end: End) => Promise<"claimed" | "taken" | Error>;
  /** Off in virtual time, where nobody else can be. */
  readonly polls: boolean;
  /** How many places of the inbox earlier epochs have read. */
  readonly firstWord: number;
  readonly onEntry: (entry: JournalEntry) => Promise<void>;
}

interface Controls {
  readonly interrupt: AbortController;
  readonly cancel: AbortController;
}

/** The work on one epoch: a queue of events, taken in one at a time, and the effects that run beside each other. */
interface Work {
  readonly run: Run;
  readonly ports: RunnerPorts;
  readonly controls: Map<string, Controls>;
  queue: Promise<void>;
  finished: boolean;
  /** Another process may write now, or nobody: not even notes are journalled any more. */
  silent: boolean;
  /** The end is being claimed: the epoch after this one may be our own. */
  claiming: boolean;
  /** When a guard's heartbeat was last seen to move; null while none was. */
  guarded: MonoTime | null;
  /** Told of each new state. */
  onState: () => void;
  readonly done: PromiseWithResolvers<Finish>;
}

/**
 * Runs one epoch: every event is journalled and synced, folded by the machine, and the effects it names are started.
 * Rejects only for a bug.
 */
export async function runEpoch(run: Run, first: Step, ports: RunnerPorts): Promise<Finish> {
  const done = Promise.withResolvers<Finish>();
  const work: Work = {
    run,
    ports,
    controls: new Map(),
    queue: Promise.resolve(),
    finished: false,
    silent: false,
    claiming: false,
    guarded: null,
    onState: () => undefined,
    done,
  };
  run.record = (fact) => record(work, fact);
  run.note = (note) => writeNote(work, note);
  const desk = deskOf(work);
  work.onState = desk.look;
  const stopSignals = ports.signals.onSignal(desk.onSignal);
  const stopPolling = ports.polls
    ? pollStore(run, ports.firstWord, {
        onWord: (word, place) => post(work, { kind: "word-received", word, place }),
        onSkipped: (place, why) => void writeNote(work, { kind: "word-skipped", place, why }),
        onHigherEpoch: (epoch) => superseded(work, epoch),
        onGuard: () => void (work.guarded = run.engine.clock.mono()),
      })
    : () => undefined;
  work.queue = act(work, first).catch((error: unknown) => fail(work, error));
  try {
    return await done.promise;
  } finally {
    stopSignals();
    desk.close();
    stopPolling();
    for (const source of run.sources.values()) source.close();
  }
}

/** A guard whose heartbeat moved within this many milliseconds is there. */
const GUARD_LEASE = 10_000;

function deskOf(work: Work): SignalDesk {
  const { clock } = work.run.engine;
  return heedSignals({
    run: work.run,
    ask: work.ports.signals.ask,
    isGuarded: () =>
      work.ports.signals.startsAgain === true ||
      (work.guarded !== null && clock.mono() - work.guarded <= GUARD_LEASE),
    record: (fact) => record(work, fact),
    note: (note) => writeNote(work, note),
    leave: (kind) => finish(work, { kind }),
  });
}

function finish(work: Work, result: Finish): void {
  if (work.finished) return;
  work.finished = true;
  work.silent = result.kind !== "end";
  for (const id of work.controls.keys()) cut(work, id);
  work.done.resolve(result);
}

function superseded(work: Work, epoch: number): void {
  if (work.claiming) return;
  work.run.seenEpoch = Math.max(work.run.seenEpoch, epoch);
  finish(work, { kind: "superseded", epoch });
}

/** Anything thrown in the queue but the news of another owner is a bug, and the caller's to report. */
function fail(work: Work, error: unknown): void {
  if (error instanceof Superseded) return superseded(work, error.byEpoch);
  work.done.reject(error);
  finish(work, { kind: "left" });
}

function record(work: Work, fact: Fact): Promise<void> {
  const turn = work.queue.then(() => takeIn(work, fact));
  work.queue = turn.catch((error: unknown) => fail(work, error));
  return turn;
}

/** Records what nobody waits for; a failure reaches the caller of `runEpoch` through the queue. */
function post(work: Work, fact: Fact): void {
  record(work, fact).catch(() => undefined);
}

/** Written between events, so that lines keep their order; a store that does not take it is the next event's to notice. */
function writeNote(work: Work, note: Note): Promise<void> {
  const { run, ports } = work;
  const turn = work.queue.then(async () => {
    if (!work.silent) await ports.journal.write([redactEvent(run.redactor, note)]);
  });
  work.queue = turn.catch((error: unknown) => fail(work, error));
  return turn;
}

async function takeIn(work: Work, fact: Fact): Promise<void> {
  const { run, ports } = work;
  if (work.finished) throw new Superseded(run.seenEpoch);
  const written = await ports.journal.write([redactEvent(run.redactor, fact)]);
  for (const entry of written.entries) {
    // What is intended only here is never sent: nothing may follow from it, least of all that there is no way back.
    if (isUnsent(run, entry, written.failed)) continue;
    const next = step(run.plan, run.state, entry);
    run.state = next.state;
    work.onState();
    await act(work, next);
    await ports.onEntry(entry);
  }
  if (written.failed === null || isBackward(run.state)) return;
  await takeIn(work, { kind: "journal-lost", why: written.failed.message });
}

/** An intent of the way forward that the store did not take: whatever made that known interrupts it before its call. */
function isUnsent({ plan }: Run, { event }: JournalEntry, failed: Error | null): boolean {
  if (failed === null || event.kind !== "action-intended") return false;
  return plan.rollback.actions.every(({ id }) => id !== event.action);
}

/** Cuts what is over first, then journals what was decided, then starts what is next. */
async function act(work: Work, next: Step): Promise<void> {
  const { run, ports, controls } = work;
  for (const id of next.interrupt) controls.get(id)?.interrupt.abort();
  for (const id of next.cancel) cut(work, id);
  if (next.notes.length > 0) {
    const notes = next.notes.map((note) => redactEvent(run.redactor, note));
    const { entries } = await ports.journal.write(notes);
    for (const entry of entries) await ports.onEntry(entry);
  }
  if (work.finished) return;
  for (const effect of next.start) start(work, effect);
  for (const id of next.interrupt) controls.get(id)?.interrupt.abort();
}

function cut(work: Work, id: string): void {
  work.controls.get(id)?.interrupt.abort();
  work.controls.get(id)?.cancel.abort();
  work.controls.delete(id);
}

function start(work: Work, effect: Effect): void {
  const control = { interrupt: new AbortController(), cancel: new AbortController() };
  work.controls.set(effect.id, control);
  switch (effect.kind) {
    case "end":
      end(work, effect.end).catch(() => undefined);
      return;
    case "timer": {
      const stop = work.run.engine.clock.after(effect.ms, () => {
        work.controls.delete(effect.id);
        post(work, { kind: "timer-fired", effect: effect.id });
      });
      control.cancel.signal.addEventListener("abort", stop, { once: true });
      return;
    }
    default:
      void carryOut(work, effect, control);
  }
}

async function carryOut(work: Work, effect: Performed, control: Controls): Promise<void> {
  const signals = { interrupt: control.interrupt.signal, cancel: control.cancel.signal };
  try {
    await perform(work.run, effect, work.ports.owners, signals);
  } catch (error) {
    if (error instanceof Superseded) return superseded(work, error.byEpoch);
    post(work, answerOf(effect, error instanceof Error ? error.message : String(error)));
  } finally {
    if (effect.kind === "apply" && signals.cancel.aborted) work.run.lostHere.add(effect.action);
    work.controls.delete(effect.id);
  }
}

/** In the queue: whatever was written before stands in the journal before the end does, and nothing comes between. */
function end(work: Work, ending: End): Promise<void> {
  const turn = work.queue.then(async () => {
    if (work.finished) return;
    work.claiming = true;
    const claimed = await work.ports.claimEnd(ending);
    work.claiming = false;
    if (claimed instanceof Error) finish(work, { kind: "lost", why: claimed.message });
    else if (claimed === "taken") superseded(work, work.run.epoch + 1);
    else finish(work, { kind: "end", end: ending });
  });
  work.queue = turn.catch((error: unknown) => fail(work, error));
  return turn;
}
