import type { Reaction, ReactionEvent } from "../../core/reaction.ts";
import type { Clock } from "../ports.ts";
import type { Occasion } from "./carry-out.ts";
import { progressWords } from "./event-words.ts";
import type { Post } from "./post.ts";
import type { Tale } from "./tale.ts";
import { openTimers } from "./timers.ts";

/** When each reaction is carried out: at once, later, again and again. */
export interface Schedule {
  plan(reaction: Reaction, occasion: Occasion): void;
  happened(event: ReactionEvent): void;
  /** The rollout is over: what is told again and again falls silent. */
  ended(): void;
  /** What is not due yet will not be told by this process: said of each. */
  close(): void;
  stop(): void;
}

/** `latest` is how things stand now: what is told again and again tells that, not how it began. */
export function openSchedule(clock: Clock, post: Post, latest: () => Tale): Schedule {
  const once = openTimers(clock);
  const repeated = openTimers(clock);

  /** `told` is the last that was told here: a timer may fire a moment before its time by the wall clock. */
  function repeat(reaction: Reaction, occasion: Occasion, every: number, told = 0): void {
    const since = Math.max(0, clock.now() - occasion.at - reaction.after);
    const nth = Math.max(told, Math.floor(since / every)) + 1;
    repeated.set(nth * every - since, {
      missed: null,
      until: reaction.until,
      call: () => {
        const tale = latest();
        const words = reaction.event === "in-progress" ? progressWords(tale) : occasion.words;
        const of = `${occasion.of}+${nth}`;
        post.send(reaction, { ...occasion, of, at: clock.now(), tale, words });
        repeat(reaction, occasion, every, nth);
      },
    });
  }

  function begin(reaction: Reaction, occasion: Occasion): void {
    const { event, every } = reaction;
    if (event !== "in-progress") post.send(reaction, occasion);
    if (every !== null && !occasion.words.isEnd) repeat(reaction, occasion, every);
  }

  return {
    plan(reaction, occasion) {
      // By the wall clock: the event may be one of a process that is gone.
      const left = occasion.at + reaction.after - clock.now();
      if (reaction.after === 0 || left <= 0) return begin(reaction, occasion);
      once.set(left, {
        missed: (missing) => post.giveUp(reaction, occasion, missing),
        until: reaction.until,
        call: () => begin(reaction, occasion),
      });
    },
    happened(event) {
      once.happened(event);
      repeated.happened(event);
    },
    ended: () => repeated.drop(),
    close() {
      once.close();
      repeated.drop();
    },
    stop() {
      once.drop();
      repeated.drop();
    },
  };
}
