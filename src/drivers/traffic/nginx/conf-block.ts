/** A block of an nginx configuration: where its body, between the braces, begins and ends in the text. */
export interface ConfBlock {
  readonly start: number;
  readonly end: number;
}

/** A directive of a block that ends with `;`: its words, and where it begins and ends, without the `;`. */
export interface Directive {
  readonly words: readonly Word[];
  readonly end: number;
}

export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Finds the one block whose directive is these words, like `upstream shop`; a text says why there is none. */
export function findBlock(
  text: string,
  isIt: (words: readonly string[]) => boolean,
  name: string,
): ConfBlock | string {
  const found: ConfBlock[] = [];
  const open: { readonly words: readonly string[]; readonly start: number }[] = [];
  let words: string[] = [];
  for (const token of tokens(text)) {
    if (token.text === "{") {
      open.push({ words, start: token.end });
      words = [];
    } else if (token.text === "}") {
      const block = open.pop();
      if (block !== undefined && isIt(block.words))
        found.push({ start: block.start, end: token.start });
      words = [];
    } else if (token.text === ";") words = [];
    else words.push(unquoted(token.text));
  }
  const [only] = found;
  if (only === undefined) return `there is no block \`${name}\``;
  return found.length === 1 ? only : `there are ${found.length} blocks \`${name}\``;
}

/** The directives of a block, in order. */
export function directivesOf(text: string, { start, end }: ConfBlock): readonly Directive[] {
  const found: Directive[] = [];
  let words: Word[] = [];
  for (const token of tokens(text.slice(0, end), start)) {
    if (token.text !== ";") words.push(token);
    else {
      found.push({ words, end: token.start });
      words = [];
    }
  }
  return found;
}

/** A word without its quotes. */
export function unquoted(word: string): string {
  return /^(["']).*\1$/s.test(word) ? word.slice(1, -1) : word;
}

/** Words, `;` and braces. Comments and quotes are as nginx has them; `${name}` belongs to its word. */
function* tokens(text: string, from = 0): Generator<Word> {
  const pattern =
    /#[^\n]*|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[;{}]|(?:\\.|\$\{[^}]*\}|[^\s;{}"'#\\])(?:\\.|\$\{[^}]*\}|[^\s;{}\\])*/gs;
  pattern.lastIndex = from;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const [found] = match;
    if (!found.startsWith("#"))
      yield { text: found, start: match.index, end: match.index + found.length };
  }
}
