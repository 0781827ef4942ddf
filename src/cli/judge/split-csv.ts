/** The cells of one line of CSV (RFC 4180, without line breaks inside cells); null when a quote is not closed. */
export function splitCsv(line: string): readonly string[] | null {
  if (!line.includes('"')) return line.split(",");
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    if (line[at] !== '"') {
      const end = line.indexOf(",", at);
      cells.push(line.slice(at, end < 0 ? line.length : end));
      if (end < 0) return cells;
      at = end + 1;
      continue;
    }
    const end = closingQuote(line, at + 1);
    if (end < 0) return null;
    cells.push(line.slice(at + 1, end).replaceAll('""', '"'));
    if (end + 1 >= line.length) return cells;
    if (line[end + 1] !== ",") return null;
    at = end + 2;
  }
}

/** Where in the line, from 1, the cell of this index begins. */
export function cellColumn(line: string, index: number): number {
  let [at, isQuoted] = [0, false];
  for (let cell = 0; cell < index && at < line.length; at += 1) {
    if (line[at] === '"') isQuoted = !isQuoted;
    else if (line[at] === "," && !isQuoted) cell += 1;
  }
  return at + 1;
}

/** Where the quote that began before this place is closed; a doubled one is a part of the cell. */
function closingQuote(line: string, from: number): number {
  for (let at = line.indexOf('"', from); at >= 0; at = line.indexOf('"', at + 2)) {
    if (line[at + 1] !== '"') return at;
  }
  return -1;
}
