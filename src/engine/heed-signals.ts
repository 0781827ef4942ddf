import type { Fact, Note } from "../core/event.ts";
import { isBackward } from "../core/unwind.ts";
import { afterLoss } from "./after-loss.ts";
import type { Run } from "./run.ts";
import type { SignalPort } from "./signals.ts";

/** What a signal can do to the work on an epoch. */
export interface SignalWork {
  readonly run: Run;
  readonly ask: SignalPort["ask"] | undefined;
  readonly isGuarded: () => boolean;
  /** Journals a fact, and resolves when every decision on it is made. */
  record(fact: Fact): Promise<void>;
  note(note: Note): Promise<void>;
  leave(kind: "left" | "detached"): void;
}

export interface SignalDesk {
  readonly onSignal: (name: string) => void;
  /** To be called when the state changed: a question that was overtaken is taken back. */
  readonly look: () => void;
  readonly close: () => void;
}

/** How many signals of a person came, and the question that is open. */
interface Desk {
  readonly work: SignalWork;
  count: number;
  question: AbortController | null;
}

/**
 * What becomes of signals. The first is journalled and nothing new is started: on a terminal the person is asked, elsewhere
 * the rollout is left to a guard that watches, or goes back. The second leaves at once. A SIGHUP is never a second one: the
 * terminal is gone, nobody is impatient, and it comes twice when a shell ends too.
 */
export function heedSignals(work: SignalWork): SignalDesk {
  const desk: Desk = { work, count: 0, question: null };
  return {
    onSignal: (name) => onSignal(desk, name),
    look: () => {
      if (isBackward(work.run.state)) takeBack(desk);
    },
    close: () => takeBack(desk),
  };
}

function onSignal(desk: Desk, name: string): void {
  const { work } = desk;
  if (name !== "SIGHUP") desk.count += 1;
  if (desk.count > 1) return work.leave("left");
  if (isBackward(work.run.state))
    return void work.note({ kind: "signalled", ...told(work, name) }).catch(() => undefined);
  if (desk.question !== null || work.ask === undefined) {
    takeBack(desk);
    return unasked(work, name);
  }
  asked(desk, name, work.ask).catch(() => unasked(work, name));
}

async function asked(desk: Desk, name: string, ask: NonNullable<SignalPort["ask"]>): Promise<void> {
  const { work } = desk;
  const over = new AbortController();
  const answering = ask(name, { guard: () => guardWords(work), over: over.signal });
  if (answering === null) return unasked(work, name);
  desk.question = over;
  const own = await hold(work, name);
  const answer = await answering;
  if (over.signal.aborted || answer === null) return;
  desk.question = null;
  if (isBackward(work.run.state)) return;
  if (answer === "roll-back") return post(work, { kind: "interrupted", ...told(work, name) });
  if (answer === "detach") return detach(work, name);
  desk.count = 0;
  if (own !== null) post(work, word(work.run, "resume", "the person at the terminal goes on", own));
}

function takeBack(desk: Desk): void {
  desk.question?.abort();
  desk.question = null;
}

function unasked(work: SignalWork, name: string): void {
  if (work.isGuarded()) return detach(work, name);
  post(work, { kind: "interrupted", ...told(work, name) });
}

function detach(work: SignalWork, name: string): void {
  const leave = (): void => work.leave("detached");
  work.note({ kind: "detached", ...told(work, name) }).then(leave, leave);
}

/** A failure of the journal is the queue's to report. */
function post(work: SignalWork, fact: Fact): void {
  work.record(fact).catch(() => undefined);
}

function told({ run }: SignalWork, name: string): { readonly by: string; readonly reason: string } {
  return { by: run.engine.by, reason: `${name} received` };
}

/** Nothing new starts while the person thinks: a hold like every other. Null when something else holds already. */
async function hold(work: SignalWork, name: string): Promise<string | null> {
  const { run } = work;
  const before = run.state.hold?.id ?? null;
  await work.record(word(run, "hold", `${name}: the person at the terminal is asked`, null));
  const now = run.state.hold?.id ?? null;
  return now === before ? null : now;
}

function word(run: Run, kind: "hold" | "resume", reason: string, of: string | null): Fact {
  const { by } = run.engine;
  return {
    kind: "word-received",
    word: { kind, by, reason, check: null, yes: true, stage: null, hold: of },
  };
}

function guardWords({ run, isGuarded }: SignalWork): string | null {
  if (!isGuarded()) return null;
  const next = afterLoss(run.plan, run.state);
  return next.kind === "rollback" ? "rolls it back" : `leaves it as it is, since ${next.why}`;
}
