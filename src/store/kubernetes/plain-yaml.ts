interface Line {
  readonly indent: number;
  readonly text: string;
}

interface Cursor {
  readonly lines: Line[];
  at: number;
}

const KEY = /^([A-Za-z][\w./-]*):(?: +(\S.*))?$/u;
const ITEM = /^(- +)(\S.*)$/u;
/** Only what is a text, or true or false, for every reader of YAML; in a flow also its signs. */
const TOKEN = /\s+|[[\]{},]|:(?= )|"[^"\\]*"|'[^']*'|[A-Za-z/](?:[\w./+=@-]|:(?=[\w/]))*/uy;
const OTHER_WORDS = /^(?:y|n|yes|no|on|off|null|true|false)$/iu;

/**
 * Reads the part of YAML in which kubectl and people write kubeconfigs: blocks and flows of names, and texts of one line. Undefined
 * for everything beyond it, also where that is sound: who needs that loads the real reader, which takes longer than the whole
 * question to the API server.
 */
export function readPlainYaml(text: string): unknown {
  const lines = text
    .split("\n")
    .filter((line) => !/^ *(?:#.*)?$/u.test(line))
    .map((line): Line => {
      const trimmed = line.trimStart();
      return { indent: line.length - trimmed.length, text: trimmed.trimEnd() };
    });
  const cursor = { lines, at: 0 };
  try {
    const value = block(cursor, 0);
    return cursor.at === lines.length && !text.includes("\t") ? value : undefined;
  } catch {
    return undefined;
  }
}

function block(cursor: Cursor, indent: number): unknown {
  const line = cursor.lines[cursor.at];
  if (line?.indent !== indent) throw new Error("no block");
  return ITEM.test(line.text) ? sequence(cursor, indent) : mapping(cursor, indent);
}

function sequence(cursor: Cursor, indent: number): readonly unknown[] {
  const values: unknown[] = [];
  for (;;) {
    const line = cursor.lines[cursor.at];
    const [, dash = "", text] = (line?.indent === indent ? ITEM.exec(line.text) : null) ?? [];
    if (text === undefined) return values;
    const inner = { indent: indent + dash.length, text };
    cursor.lines[cursor.at] = inner;
    if (KEY.test(text)) values.push(mapping(cursor, inner.indent));
    else {
      values.push(valueOf(text));
      cursor.at += 1;
    }
  }
}

function mapping(cursor: Cursor, indent: number): unknown {
  const fields = new Map<string, unknown>();
  for (;;) {
    const line = cursor.lines[cursor.at];
    const [, key, text] = (line?.indent === indent ? KEY.exec(line.text) : null) ?? [];
    if (key === undefined) break;
    if (fields.has(key)) throw new Error("a key stands twice");
    cursor.at += 1;
    fields.set(key, text === undefined ? below(cursor, indent) : valueOf(text));
  }
  if (fields.size === 0) throw new Error("no mapping");
  return Object.fromEntries(fields);
}

/** The items of a sequence may stand as far left as its key. */
function below(cursor: Cursor, indent: number): unknown {
  const next = cursor.lines[cursor.at];
  if (next === undefined || next.indent < indent) return null;
  if (next.indent === indent) return ITEM.test(next.text) ? sequence(cursor, indent) : null;
  return block(cursor, next.indent);
}

/** A flow of such words differs from JSON by its quotes alone. */
function valueOf(text: string): unknown {
  const json: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const [token] = TOKEN.exec(text) ?? [];
    if (token === undefined) throw new Error("not plain");
    json.push(inJson(token));
  }
  return JSON.parse(json.join("")) as unknown;
}

function inJson(token: string): string {
  if (/^["']/u.test(token)) return JSON.stringify(token.slice(1, -1));
  if (!/^[A-Za-z/]/u.test(token) || token === "true" || token === "false") return token;
  if (OTHER_WORDS.test(token)) throw new Error("not a text for every reader");
  return JSON.stringify(token);
}
