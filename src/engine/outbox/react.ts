import type { Run } from "../run.ts";
import type { Occasion } from "./carry-out.ts";
import { closingReactions, reactsTo } from "./matching.ts";
import type { Post } from "./post.ts";
import type { Schedule } from "./schedule.ts";

/** Does what `on:` says about an event, and closes what earlier events had opened when their reason is over. */
export function react(run: Run, occasion: Occasion, post: Post, schedule: Schedule): void {
  const { event, words, tale } = occasion;
  const { connections, reactions = [] } = run.plan;
  const stage = tale.stages.at(-1)?.name ?? null;
  const wanted = reactions.filter((reaction) => reactsTo(reaction, event, words, stage));
  for (const reaction of wanted) schedule.plan(reaction, occasion);
  if (!words.isOver && !words.isEnd) return;
  const closes = (to: string): boolean => {
    const when = run.engine.catalog.sinks.get(connections[to]?.type ?? "")?.closes ?? null;
    return when === "end" ? words.isEnd : when === "reason" && words.isOver;
  };
  for (const reaction of closingReactions(reactions, wanted, event, closes))
    post.send(reaction, occasion, { onlyIfOpen: true });
}
