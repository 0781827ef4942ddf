import { reactionEvents, type Reaction, type ReactionEvent } from "../../core/reaction.ts";
import type { Json } from "../../core/units.ts";
import { expectMap } from "../decode/decode-map.ts";
import { unknownName } from "../decode/unknown-name.ts";
import type { Loading } from "../loading.ts";
import { listItems } from "./list-items.ts";
import type { Message } from "./messages.ts";
import type { Names } from "./names.ts";
import { normalizeReaction } from "./reaction.ts";

const EVENTS = Object.keys(reactionEvents) as readonly ReactionEvent[];

interface Messages {
  readonly messages: ReadonlyMap<string, Message>;
  /** Those that are announced before the start. */
  readonly announced: readonly string[];
}

/** The lines of `on:`, one for each place that is told. */
export function normalizeReactions(
  loading: Loading,
  section: Json | undefined,
  names: Names,
  { messages, announced }: Messages,
): readonly Reaction[] {
  const reactions: Reaction[] = [];
  const used = new Set<string>(announced);
  for (const [key, list] of Object.entries(expectMap(loading, section, ["on"]) ?? {})) {
    const event = eventOf(loading, key);
    if (event === null) continue;
    for (const item of listItems(loading, list, ["on", key]))
      reactions.push(...normalizeReaction(loading, item, event, { names, messages, used }));
  }
  if (!loading.isBroken(["on"])) reportUnused(loading, messages, used);
  return reactions;
}

function eventOf(loading: Loading, key: string): ReactionEvent | null {
  const event = EVENTS.find((each) => each === key);
  if (event !== undefined) return event;
  const message = `there is no event ${key}`;
  const fix = unknownName(key, EVENTS);
  loading.report(["on", key], { code: "unknown-event", message, fix, atKey: true });
  return null;
}

function reportUnused(
  loading: Loading,
  messages: ReadonlyMap<string, Message>,
  used: ReadonlySet<string>,
): void {
  for (const [name, { path }] of messages) {
    if (used.has(name) || loading.leftOut.has(name)) continue;
    const message = `no line of \`on\` uses the message ${name}`;
    const fix = `write { message: ${name}, to: … } there, or remove it`;
    const problem = { code: "message-unused", severity: "warning", atKey: true } as const;
    loading.report(path, { ...problem, message, fix });
  }
}
