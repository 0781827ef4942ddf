/**
 * Whether a path matches a pattern: `*` is any part of a name, `?` one sign of it, `**` any number of folders. A pattern
 * that ends with `/` is everything below the folder.
 */
export function matchesGlob(path: string, pattern: string): boolean {
  const whole = pattern.endsWith("/") ? `${pattern}**` : pattern;
  return toRegExp(whole).test(path);
}

const PARTS: Readonly<Record<string, string>> = {
  "**/": "(?:[^/]+/)*",
  "**": ".*",
  "*": "[^/]*",
  "?": "[^/]",
};

function toRegExp(pattern: string): RegExp {
  const source = pattern
    .split(/(\*\*\/|\*\*|\*|\?)/u)
    .map((part) => PARTS[part] ?? part.replaceAll(/[\\^$.|+()[\]{}/-]/gu, String.raw`\$&`))
    .join("");
  return new RegExp(`^${source}$`, "u");
}
