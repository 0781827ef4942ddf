/** One `KEY=VALUE` line of a file: what stands before the value, and the value as it is written, quotes included. */
interface Line {
  readonly before: string;
  readonly raw: string;
  /** Where the line starts and ends in the text; the end is after its line break. */
  readonly start: number;
  readonly end: number;
  readonly eol: string;
}

/**
 * The value of `key` in the text of an env file, exactly as it is written there; null when the key is absent. Of several
 * lines the last one counts, as it does for a shell, dotenv, docker and systemd.
 */
export function readEnvKey(text: string, key: string): string | null {
  return lineOf(text, key)?.raw ?? null;
}

/** The text with `key` set: in the place of its last line, else as a new last line. Everything else stays as it is. */
export function setEnvKey(text: string, key: string, raw: string): string {
  const line = lineOf(text, key);
  if (line !== null)
    return text.slice(0, line.start) + line.before + raw + line.eol + text.slice(line.end);
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  if (text === "" || text.endsWith("\n")) return `${text}${key}=${raw}${eol}`;
  // No line break after the last line: none is added, so that `removeEnvKey` gives back the same bytes.
  return `${text}${eol}${key}=${raw}`;
}

/** The text without the last line of `key`; undoes a `setEnvKey` that added one, to the byte. */
export function removeEnvKey(text: string, key: string): string {
  const line = lineOf(text, key);
  if (line === null) return text;
  const before = text.slice(0, line.start);
  const kept = line.eol === "" ? before.replace(/\r?\n$/, "") : before;
  return kept + text.slice(line.end);
}

/** What keeps canary from editing `key` in this text; null when nothing does. */
export function envKeyProblem(text: string, key: string): string | null {
  const raw = readEnvKey(text, key) ?? "";
  const quote = raw[0];
  const open = (quote === '"' || quote === "'") && !raw.slice(1).includes(quote);
  return open ? `${key} goes on over several lines: write it as one` : null;
}

function lineOf(text: string, key: string): Line | null {
  const pattern = new RegExp(
    `^(\\uFEFF?[ \\t]*(?:export[ \\t]+)?${key}[ \\t]*=[ \\t]*)([^\\r\\n]*)(\\r?\\n|\\r|$)`,
    "gm",
  );
  const match = Array.from(text.matchAll(pattern)).at(-1);
  if (match === undefined) return null;
  const [whole, before = "", raw = "", eol = ""] = match;
  return { before, raw, eol, start: match.index, end: match.index + whole.length };
}
