import type { Json } from "../../core/units.ts";
import { decodeMap, expectMap } from "../decode/decode-map.ts";
import type { SourcePath } from "../diagnostic.ts";
import type { Loading } from "../loading.ts";
import { messageShape } from "../schema/reaction-shape.ts";
import { checkName } from "./check-name.ts";

/** A text for people that lines of `on:` name. */
export interface Message {
  readonly subject: string | null;
  readonly text: string | null;
  readonly to: readonly string[];
  readonly path: SourcePath;
}

/** The messages of a plan, by name. */
export function normalizeMessages(
  loading: Loading,
  section: Json | undefined,
): ReadonlyMap<string, Message> {
  const messages = new Map<string, Message>();
  for (const [name, given] of Object.entries(expectMap(loading, section, ["messages"]) ?? {})) {
    const path = ["messages", name];
    checkName(loading, name, path);
    const { subject, text, to } = decodeMap(loading, messageShape, given, path);
    messages.set(name, {
      subject: subject ?? null,
      text: text ?? null,
      to: listOf(to),
      path,
    });
  }
  return messages;
}

/** One or several, as a list. */
export function listOf(to: string | readonly string[] | undefined): readonly string[] {
  if (to === undefined) return [];
  return typeof to === "string" ? [to] : to;
}
