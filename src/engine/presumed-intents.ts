import type { Event } from "../core/event.ts";
import type { Plan } from "../core/plan.ts";
import { parseLine, type JournalLine } from "../evidence/journal-line.ts";
import type { JournalEntry } from "./ports.ts";

export interface EpochSeen {
  readonly epoch: number;
  readonly lines: readonly string[];
  /** Whether the journal of the epoch before is there: without it all that it could have begun may have happened. */
  readonly follows: boolean;
  /** How much is wrong with what is there: a line that is not linked, or not what its kind says, was another one. */
  readonly wrong: number;
}

/**
 * The intents that damaged or missing lines of an epoch may have held, as lines that count like those of a process that is
 * gone: outcome unknown, to be undone. Actions are intended in the order of the plan, so these are the ones before the last
 * that is known, and after it as many as lines are lost. Without them a change would stay, and be called rolled back.
 */
export function presumedIntents(
  plan: Plan,
  known: readonly JournalEntry[],
  { epoch, lines, follows, wrong }: EpochSeen,
): readonly JournalEntry[] {
  const lost = lostOf(known, { epoch, lines, follows, wrong });
  if (lost === 0) return [];
  const last = known.at(-1) ?? { at: 0, mono: 0, actor: "", seq: lines.length };
  const order = [...plan.stages.flatMap(({ actions }) => actions), ...plan.finish].map(
    ({ id }) => id,
  );
  const intended = new Set(
    known.flatMap(({ event }) => (event.kind === "action-intended" ? [event.action] : [])),
  );
  const reached = order.findLastIndex((id) => intended.has(id));
  return order
    .slice(0, reached + 1 + lost)
    .filter((id) => !intended.has(id))
    .map((action): JournalEntry => ({
      ...last,
      epoch,
      event: { kind: "action-intended", effect: "", action, fields: {} },
    }));
}

/** A journal begins with its claim: of one without any whole line everything is lost. */
function lostOf(known: readonly JournalEntry[], { lines, follows, wrong }: EpochSeen): number {
  const parsed = lines.map((line) => parseLine<Event>(line));
  if (parsed.every((line) => line === null)) return Infinity;
  return follows || isEnd(known.at(-1)) ? lostLines(parsed) + wrong : Infinity;
}

/** An end says what became of everything: nothing is presumed behind it. */
function isEnd(entry: JournalEntry | undefined): boolean {
  return entry?.event.kind === "claimed" && entry.event.end !== null;
}

/** Lines that the numbers of their neighbours say are gone, and what is no line at the end. A torn last line is none of them. */
function lostLines(parsed: readonly (JournalLine<Event> | null)[]): number {
  const whole = parsed.filter((line): line is JournalLine<Event> => line !== null);
  const gaps = whole.map(({ seq }, index) => {
    const before = whole[index - 1];
    return before === undefined ? 0 : Math.max(0, seq - before.seq - 1);
  });
  const [first] = whole;
  const unread = parsed.findIndex((line) => line !== null);
  // A first line that is no claim has lost all before it, however much of that is still there as garbage.
  const atStart =
    first?.event.kind === "claimed" ? unread : Math.max(unread, (first?.seq ?? 1) - 1);
  const atEnd = parsed.length - 1 - parsed.findLastIndex((line) => line !== null);
  return atStart + atEnd + gaps.reduce((sum, gap) => sum + gap, 0);
}
