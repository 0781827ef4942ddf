/**
 * A text as expected by a plan: `/…/` or `/…/i` is a regular expression, anything else is the text itself.
 * Null when the expression does not parse.
 */
export function matcherOf(expected: string): ((text: string) => boolean) | null {
  const match = /^\/(.*)\/([imsu]*)$/s.exec(expected);
  if (match === null) return (text) => text === expected;
  try {
    const pattern = new RegExp(match[1] ?? "", match[2]);
    return (text) => pattern.test(text);
  } catch {
    return null;
  }
}
