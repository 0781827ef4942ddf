import type { ConditionCode, ConditionProblem } from "./condition-problem.ts";
import { tokenize, type Token } from "./tokenize.ts";

/** Where the parser stands in a condition, and what it has found wrong so far. */
export interface Cursor {
  readonly text: string;
  readonly problems: readonly ConditionProblem[];
  peek(ahead?: number): Token | null;
  take(): Token | null;
  /** Takes the next token if it is this word. */
  takeWord(word: string): Token | null;
  /** Notes a problem that spans the tokens from `first` to `last`; without tokens it stands at the end of the text. */
  report(code: ConditionCode, message: string, fix: string | null, span: Span): void;
}

export interface Span {
  readonly first: Token | null;
  readonly last?: Token | null;
}

export function createCursor(text: string): Cursor {
  const tokens = tokenize(text);
  const problems: ConditionProblem[] = [];
  let at = 0;
  const peek = (ahead = 0): Token | null => tokens[at + ahead] ?? null;
  const take = (): Token | null => {
    const token = peek();
    if (token !== null) at += 1;
    return token;
  };
  return {
    text,
    problems,
    peek,
    take,
    takeWord: (word) => (peek()?.kind === "word" && peek()?.text === word ? take() : null),
    report(code, message, fix, { first, last = first }) {
      const offset = first?.offset ?? text.trimEnd().length;
      const end = last === null ? offset : last.offset + last.text.length;
      problems.push({ code, message, fix, offset, length: Math.max(end - offset, 0) });
    },
  };
}
