import type { Cursor } from "./cursor.ts";
import type { Token } from "./tokenize.ts";

const JOINS: Readonly<Record<string, "all" | "any">> = {
  and: "all",
  AND: "all",
  "&&": "all",
  "&": "all",
  ",": "all",
  or: "any",
  OR: "any",
  "||": "any",
  "|": "any",
};

/** Reports a condition that joins several in its text, which is YAML's part: `all:` and `any:`. True when there is one. */
export function findCompound(cursor: Cursor): boolean {
  const joins: Token[] = [];
  for (let ahead = 0; ; ahead += 1) {
    const token = cursor.peek(ahead);
    if (token === null) break;
    if (Object.hasOwn(JOINS, token.text) && ahead > 0) joins.push(token);
  }
  const [first] = joins;
  if (first === undefined) return false;
  const kinds = new Set(joins.map(({ text }) => JOINS[text]));
  const last = joins.at(-1) ?? first;
  if (kinds.size > 1) {
    cursor.report(
      "condition-compound",
      "`and` and `or` are mixed: which comes first cannot be told",
      "nest them: { any: [ a, { all: [ b, c ] } ] }",
      { first, last },
    );
    return true;
  }
  const parts: string[] = [];
  let from = 0;
  for (const join of joins) {
    parts.push(cursor.text.slice(from, join.offset).trim());
    from = join.offset + join.text.length;
  }
  parts.push(cursor.text.slice(from).trim());
  const [kind] = kinds;
  cursor.report(
    "condition-compound",
    `\`${first.text}\` joins conditions, which YAML does here`,
    `write { ${kind}: [ ${parts.join(", ")} ] }`,
    { first },
  );
  return true;
}
