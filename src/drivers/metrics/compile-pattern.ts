/**
 * A regular expression as Prometheus and most log tools write it: a leading `(?i)` (also `s`, `m`) sets flags, which
 * JavaScript does not know there. With `whole` it must match the whole text. Null when it does not parse.
 */
export function compilePattern(text: string, whole = false): RegExp | null {
  const [, flags = "", body = ""] = /^(?:\(\?([ims]+)\))?([^]*)$/.exec(text) ?? [];
  try {
    return new RegExp(whole ? `^(?:${body})$` : body, flags);
  } catch {
    return null;
  }
}
