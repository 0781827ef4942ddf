import {
  isAlias,
  isCollection,
  isMap,
  isScalar,
  parseDocument,
  type Pair,
  type YAMLMap,
} from "yaml";

import type { Json } from "../../core/units.ts";
import { failed, ok } from "../answer.ts";
import type { Answer } from "../driver.ts";

/** A flag's definition in the text of a flag file. */
export interface FlagdEntry {
  readonly text: string;
  readonly map: YAMLMap;
  /** What it says. */
  readonly definition: { readonly [key: string]: Json };
}

/**
 * Finds a flag in the text of a flag file, JSON or YAML (JSON is YAML). The text stays what it is: only pieces of it are
 * ever replaced, so that formatting, order and comments of everything else survive.
 */
export function findFlagdEntry(text: string, flag: string): Answer<FlagdEntry> {
  const document = parseDocument(text, { uniqueKeys: true });
  const [error] = document.errors;
  if (error !== undefined) return failed(`it is no flag file: ${error.message.split("\n")[0]}`);
  const flags = isMap(document.contents) ? document.contents.get("flags", true) : undefined;
  if (!isMap(flags)) return failed("it is no flag file: it has no `flags`");
  const map = flags.get(flag, true);
  if (isAlias(map)) return failed(`flag ${flag} is an alias: write its definition out`);
  if (!isMap(map)) {
    const there = flags.items.map(({ key }) => (isScalar(key) ? String(key.value) : "?"));
    return failed(`it has no flag ${flag}, but ${there.join(", ") || "none"}`);
  }
  if (map.items.some(({ key }) => isScalar(key) && key.value === "<<"))
    return failed(`flag ${flag} merges another definition: write it out`);
  const definition = map.toJS(document) as unknown as FlagdEntry["definition"];
  return ok({ text, map, definition });
}

/** The source text of one key's value, to the byte; null where the key is absent. */
export function rawOf({ text, map }: FlagdEntry, key: string): string | null {
  const pair = pairOf(map, key);
  const range = pair === undefined ? null : sourceOf(text, pair.value);
  return range === null ? null : text.slice(range.start, range.end);
}

/**
 * The text with the source of one key's value replaced. A key that is absent is put first, which is what removing the
 * first key takes back to the byte; null removes the key.
 */
export function withRaw(entry: FlagdEntry, key: string, raw: string | null): Answer<string> {
  const { text, map } = entry;
  const pair = pairOf(map, key);
  if (pair === undefined) return raw === null ? ok(text) : insertFirst(entry, key, raw);
  if ((isCollection(pair.value) || isScalar(pair.value)) && pair.value.anchor !== undefined)
    return failed(`\`${key}\` is an anchor that other flags may use: write it out`);
  const range = sourceOf(text, pair.value);
  if (range === null) return failed(`\`${key}\` has no value`);
  if (raw !== null) return ok(text.slice(0, range.start) + raw + text.slice(range.end));
  const index = map.items.indexOf(pair);
  const next = map.items[index + 1];
  const previous = map.items[index - 1];
  const own = rangeOf(pair.key);
  const after = next === undefined ? null : rangeOf(next.key);
  if (own !== null && after !== null) return ok(text.slice(0, own.start) + text.slice(after.start));
  const before = previous === undefined ? null : sourceOf(text, previous.value);
  return before === null
    ? failed(`\`${key}\` is all that the flag has`)
    : ok(text.slice(0, before.end) + text.slice(range.end));
}

function insertFirst({ text, map }: FlagdEntry, key: string, raw: string): Answer<string> {
  const first = map.items[0] === undefined ? null : rangeOf(map.items[0].key);
  const open = map.range?.[0];
  if (first === null || open === undefined) return failed("the flag has no keys");
  if (map.flow === true) {
    // What stands between the brace and the first key goes before the second one too: the same indent, or nothing.
    const gap = text.slice(open + 1, first.start);
    const inserted = `${JSON.stringify(key)}: ${raw},${gap}`;
    return ok(text.slice(0, first.start) + inserted + text.slice(first.start));
  }
  const line = text.lastIndexOf("\n", first.start - 1) + 1;
  const indent = " ".repeat(first.start - line);
  return ok(`${text.slice(0, first.start)}${key}: ${raw}\n${indent}${text.slice(first.start)}`);
}

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find(({ key: node }) => isScalar(node) && node.value === key);
}

/** Where a value stands; that of a block of YAML reaches into the next line, which is none of it. */
function sourceOf(text: string, node: unknown): ReturnType<typeof rangeOf> {
  const range = rangeOf(node);
  if (range === null) return null;
  return {
    start: range.start,
    end: range.start + text.slice(range.start, range.end).trimEnd().length,
  };
}

function rangeOf(node: unknown): { readonly start: number; readonly end: number } | null {
  if (typeof node !== "object" || node === null || !("range" in node)) return null;
  const { range } = node;
  if (!Array.isArray(range)) return null;
  const [start, end] = range as readonly number[];
  return start === undefined || end === undefined ? null : { start, end };
}
