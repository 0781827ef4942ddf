/**
 * The candidate that was most likely meant by `word`, or null when none is close: at most one slip (a letter wrong,
 * missing, added, or two swapped) per three letters, and at least one allowed. Case and `-`/`_` cost nothing.
 */
export function nearest(word: string, candidates: Iterable<string>): string | null {
  const given = plain(word);
  const bound = Math.max(1, Math.floor(given.length / 3));
  let best: string | null = null;
  let least = bound + 1;
  for (const candidate of candidates) {
    const other = plain(candidate);
    if (Math.abs(other.length - given.length) >= least) continue;
    const distance = slips(given, other);
    // A one-letter word is "close" to every other: only its own case is a slip worth naming.
    if (distance >= Math.max(given.length, other.length)) continue;
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[-_\s]/g, "");
}

/** Optimal string alignment: Damerau-Levenshtein in which no part is edited twice. */
function slips(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min(
        (previous[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (previous[j - 1] ?? 0) + same,
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    [before, previous] = [previous, row];
  }
  return previous[b.length] ?? 0;
}
