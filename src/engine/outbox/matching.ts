import type { Reaction, ReactionEvent } from "../../core/reaction.ts";
import type { EventWords } from "./event-words.ts";

/** Whether a line of `on:` is meant: its event, and its filters where it has some. */
export function reactsTo(
  reaction: Reaction,
  event: ReactionEvent,
  words: EventWords,
  stage: string | null,
): boolean {
  // What is told again and again begins with the rollout.
  if (reaction.event !== event && !(reaction.event === "in-progress" && event === "started"))
    return false;
  if (reaction.trigger !== null && reaction.trigger !== words.trigger) return false;
  return reaction.stage === null || reaction.stage === (words.stage ?? stage);
}

/** How the reactions that no line of `on:` asks for are called; lines begin with their event. */
export const CLOSING = "over/";

/** What closes the incidents that are open, in the places that no line of `on:` tells of this event anyway. */
export function closingReactions(
  reactions: readonly Reaction[],
  wanted: readonly Reaction[],
  event: ReactionEvent,
  closes: (to: string) => boolean,
): readonly Reaction[] {
  const told = places(wanted);
  return [...places(reactions)]
    .filter((to) => !told.has(to) && closes(to))
    .map((to) => ({
      id: `${CLOSING}${to}`,
      event,
      does: { kind: "tell", to },
      subject: null,
      text: null,
      asks: [],
      options: {},
      trigger: null,
      stage: null,
      after: 0,
      every: null,
      until: null,
      unless: null,
    }));
}

function places(list: readonly Reaction[]): ReadonlySet<string> {
  return new Set(list.flatMap(({ does }) => (does.kind === "tell" ? [does.to] : [])));
}
