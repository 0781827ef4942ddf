import type { YAMLError } from "yaml";

import { isLost } from "./is-lost.ts";

/**
 * Whether an error only says that the parser had ceased to understand before: it stands after another one, and speaks of
 * the text as a stream, or comes after a list on the line of its key, whose lines all look wrong then.
 */
export function isStray(error: YAMLError, before: readonly YAMLError[]): boolean {
  if (before.length === 0) return false;
  return isLost(error) || before.some(({ message }) => message.includes("on same line with key"));
}
