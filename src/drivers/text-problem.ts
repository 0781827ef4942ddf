/**
 * What to write instead of something that is no text where text is wanted, as `fix` of the word `what`: `[echo, 3]` needs
 * quotes, and `{"a": 1}` in a list is a map to YAML.
 */
export function textProblem(what: string, input: unknown): string {
  if (input === null || input === undefined) return `${what} is text: write "" for an empty one`;
  if (typeof input === "object")
    return `${what} is text, and this is a ${Array.isArray(input) ? "list" : "map"}: write '${JSON.stringify(input)}' in single quotes if it is meant as JSON`;
  return `${what} is text: write "${JSON.stringify(input)}" in quotes`;
}
