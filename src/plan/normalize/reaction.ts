import type { Reaction, ReactionEvent } from "../../core/reaction.ts";
import { decodeMap, expectMap, type Decoded } from "../decode/decode-map.ts";
import type { JsonMap } from "../decode/is-map.ts";
import type { SourcePath } from "../diagnostic.ts";
import type { Loading } from "../loading.ts";
import { reactionShape } from "../schema/reaction-shape.ts";
import { normalizeEvidence } from "./evidence.ts";
import type { Item } from "./list-items.ts";
import { listOf, type Message } from "./messages.ts";
import type { Names } from "./names.ts";
import { reactionAsks } from "./reaction-asks.ts";
import { doesOneThing } from "./reaction-kind.ts";
import { findMessage, textPath } from "./reaction-message.ts";
import { optionsOf, ownKeys, sinksOf } from "./reaction-sinks.ts";
import { reactionUnless } from "./reaction-unless.ts";

const TIMEOUT = 60_000;

/** What the lines of `on:` may name. */
export interface ReactionNames {
  readonly names: Names;
  readonly messages: ReadonlyMap<string, Message>;
  /** Filled: the messages that some line uses. */
  readonly used: Set<string>;
}

/** One line of `on:`, once for each place that is told. */
export function normalizeReaction(
  loading: Loading,
  { value, path }: Item,
  event: ReactionEvent,
  { names, messages, used }: ReactionNames,
): readonly Reaction[] {
  const map = expectMap(loading, value, path);
  if (map === null) return [];
  const others = ["if", "unless", "evidence", ...ownKeys(loading)];
  const given = decodeMap(loading, reactionShape, map, path, others);
  const message = findMessage(loading, given.message, path, messages, used);
  const to = given.to === undefined ? (message?.to ?? []) : listOf(given.to);
  const line = { event, map, path, given, tells: to.length > 0 };
  if (!doesOneThing(loading, line)) return [];
  const base = {
    event,
    subject: given.subject ?? message?.subject ?? null,
    text: given.text ?? message?.text ?? null,
    trigger: given.trigger ?? null,
    stage: given.stage ?? null,
    after: (given.after ?? 0) * loading.timeScale,
    every: given.every === undefined ? null : given.every * loading.timeScale,
    until: given.until ?? null,
    ...(given.within === undefined ? {} : { within: given.within * loading.timeScale }),
    asks: reactionAsks(loading, given.ask ?? [], path, names),
    unless: reactionUnless(loading, map["unless"], path, names),
  };
  const id = `${event}/${Number(path.at(-1)) + 1}`;
  const remember = (reaction: Reaction): Reaction => {
    const of = reaction.id;
    loading.sourceOf.set(`reaction:${of}`, path);
    for (const key of ["text", "subject"] as const)
      loading.sourceOf.set(`reaction-${key}:${of}`, textPath(given[key], path, message, key));
    return reaction;
  };
  const does = ownDoing(given) ?? taken(loading, map, { id, path }, names);
  if (does !== null) return [remember({ id, ...base, does, options: {} })];
  const place = given.to === undefined && message !== null ? message.path : path;
  const sinks = sinksOf(loading, to, place, names);
  return optionsOf(loading, map, path, sinks).map(({ name, options }) =>
    remember({ id: `${id}/${name}`, ...base, does: { kind: "tell", to: name }, options }),
  );
}

function ownDoing({
  run: argv,
  timeout = TIMEOUT,
  record,
}: Decoded<typeof reactionShape>): Reaction["does"] | null {
  if (argv !== undefined) return { kind: "run", argv, timeout };
  return record === undefined ? null : { kind: "record", as: record };
}

function taken(
  loading: Loading,
  map: JsonMap,
  { id, path }: { readonly id: string; readonly path: SourcePath },
  names: Names,
): Reaction["does"] | null {
  if (!Object.hasOwn(map, "evidence")) return null;
  const list = { list: map["evidence"], path: [...path, "evidence"] };
  return { kind: "collect", items: normalizeEvidence(loading, [list], id, names) };
}
