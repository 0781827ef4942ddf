import { unknownName } from "../decode/unknown-name.ts";
import type { SourcePath } from "../diagnostic.ts";
import type { Loading } from "../loading.ts";
import type { Message } from "./messages.ts";

/** The message that a line of `on:` names; null where it names none, or one that does not exist, which is reported. */
export function findMessage(
  loading: Loading,
  name: string | undefined,
  path: SourcePath,
  messages: ReadonlyMap<string, Message>,
  used: Set<string>,
): Message | null {
  if (name === undefined) return null;
  used.add(name);
  const message = messages.get(name);
  if (message !== undefined) return message;
  const problem = { code: "unknown-message", message: `there is no message ${name}` } as const;
  const fix = unknownName(name, [...messages.keys()]) ?? "define it under `messages`";
  loading.report([...path, "message"], { ...problem, fix });
  return null;
}

/** Where the text of a line was written: in the line, or in the message that it names. */
export function textPath(
  own: string | undefined,
  path: SourcePath,
  message: Message | null,
  key: "text" | "subject",
): SourcePath {
  return [...(own === undefined && message !== null ? message.path : path), key];
}
