import type { Reaction } from "../../core/reaction.ts";
import type { Millis } from "../../core/units.ts";
import { OPEN } from "../../sinks/sink.ts";
import type { Run } from "../run.ts";
import { carryOut, type Occasion } from "./carry-out.ts";
import { openLane, type Job, type Lane } from "./lane.ts";
import type { ToldBefore } from "./told-before.ts";
import { isExcused } from "./unless.ts";

/** Carries reactions out, each place's in order, all places beside each other. */
export interface Post {
  send(reaction: Reaction, occasion: Occasion, only?: { readonly onlyIfOpen: true }): void;
  /** Journals that a reaction was still `missing` milliseconds away when the process left. */
  giveUp(reaction: Reaction, occasion: Occasion, missing: Millis): void;
  /** Waits `ms` for what is under way, and gives the rest up. */
  close(ms: Millis): Promise<void>;
  stop(): void;
}

/** How long the journal may take to note what was given up, in milliseconds. */
const LAST_WORDS: Millis = 2000;

/** `mute`: places that get nothing from this process; what they were not told is the next one's to send. */
export function openPost(run: Run, before: ToldBefore, mute: ReadonlySet<string>): Post {
  const leave = new AbortController();
  const lanes = new Map<string, Lane>();
  const sendCommand = commandsInOrder(run, leave.signal);

  function laneOf({ does }: Reaction): Lane {
    const to = does.kind === "tell" ? does.to : does.kind;
    const known = lanes.get(to);
    if (known !== undefined) return known;
    const lane = openLane(to, before.receipts.get(to) ?? {}, (note) => run.note(note));
    lanes.set(to, lane);
    return lane;
  }

  function add(reaction: Reaction, of: string, send: Job["send"]): void {
    if (before.has(reaction.id, of)) return;
    if (reaction.does.kind === "tell" && mute.has(reaction.does.to)) return;
    laneOf(reaction).add({
      reaction: reaction.id,
      of,
      send: (standing) => (isExcused(reaction.unless, run.state) ? null : send(standing)),
    });
  }

  return {
    send(reaction, occasion, only) {
      add(reaction, occasion.of, (standing) => {
        if (only !== undefined && standing.receipt[OPEN] === undefined) return null;
        if (reaction.does.kind === "run") return sendCommand(reaction, occasion);
        return carryOut(run, reaction, occasion, standing, leave.signal);
      });
    },
    giveUp(reaction, { of }, missing) {
      const why = `due in ${Math.ceil(missing / 1000)} s, and the process leaves now`;
      add(reaction, of, ({ receipt }) => Promise.resolve({ why, receipt, tries: 0 }));
    },
    async close(ms) {
      await within(run, ms, allIdle(lanes));
      leave.abort();
      await within(run, LAST_WORDS, allIdle(lanes));
    },
    stop: () => leave.abort(),
  };
}

function allIdle(lanes: ReadonlyMap<string, Lane>): Promise<unknown> {
  return Promise.all([...lanes.values()].map((lane) => lane.idle()));
}

/** Commands of one event: those after one that failed are not run. */
function commandsInOrder(run: Run, leave: AbortSignal) {
  const failed = new Set<string>();
  return async (reaction: Reaction, occasion: Occasion) => {
    if (failed.has(occasion.of))
      return { why: "the command before it failed", receipt: {}, tries: 0 };
    const standing = { receipt: {}, patient: true };
    const sent = await carryOut(run, reaction, occasion, standing, leave);
    if (sent.why !== null) failed.add(occasion.of);
    return sent;
  };
}

/** Waits for something, but no longer than `ms`. */
function within(run: Run, ms: Millis, done: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const cancel = run.engine.clock.after(ms, resolve);
    void done.finally(() => {
      cancel();
      resolve();
    });
  });
}
