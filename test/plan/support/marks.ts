/** What the comments of a plan expect: `# !code` at the end of a line, as `code@line`. */
export function marks(yaml: string): readonly string[] {
  return yaml
    .split("\n")
    .flatMap((line, index) =>
      [...line.matchAll(/# !([\w-]+)/g)].map(([, code]) => `${code}@${index + 1}`),
    );
}
