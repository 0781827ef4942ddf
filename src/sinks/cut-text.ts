/** A text of at most `most` characters; what is left out is marked. Never ends in half a character. */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text
    .slice(0, most - 1)
    .toWellFormed()
    .replace(/\uFFFD$/u, "")}…`;
}
