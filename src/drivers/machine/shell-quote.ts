/** Words as a POSIX shell reads them back unchanged: `'it'\''s'`. */
export function shellQuote(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(" ");
}
