import type { SyntaxNode, SyntaxNodeRef } from "@lezer/common";

import { parsePromql } from "./promql-tree.ts";

export interface PromqlProblem {
  readonly message: string;
  /** Place in the query, in characters. */
  readonly offset: number;
}

/** What is wrong with a query: its first syntax error, or that it asks for a range, which no gate can be compared with. */
export function promqlProblems(query: string): readonly PromqlProblem[] {
  if (query.trim() === "") return [{ message: "the query is empty", offset: 0 }];
  const { text, tree } = parsePromql(query);
  let first: PromqlProblem | null = null;
  tree.iterate({
    enter(node) {
      if (first === null && node.type.isError) first = problemAt(query, text, node);
    },
  });
  if (first !== null) return [first];
  const outer = outermost(tree.topNode.firstChild);
  return outer?.name === "MatrixSelector" || outer?.name === "SubqueryExpr"
    ? [
        {
          message: "this asks for a range of values, not for one: put it into rate() or the like",
          offset: outer.from,
        },
      ]
    : [];
}

function outermost(node: SyntaxNode | null): SyntaxNode | null {
  let here = node;
  while (here !== null && ["ParenExpr", "OffsetExpr", "StepInvariantExpr"].includes(here.name))
    here = here.firstChild;
  return here;
}

function problemAt(query: string, text: string, node: SyntaxNodeRef): PromqlProblem {
  const rest = query.slice(node.from);
  const opened = unclosed(text.slice(0, node.from));
  if (rest.trim() === "" && opened !== null)
    return { message: `the query ends inside the ${opened.what} opened here`, offset: opened.at };
  if (rest.trim() === "") return { message: "the query ends too early", offset: node.from };
  const token = /^\s*(\S+)/.exec(rest)?.[1] ?? rest;
  return {
    message: `this is not PromQL: unexpected ${JSON.stringify(token.slice(0, 20))}`,
    offset: node.from,
  };
}

const CLOSES: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };
const NAMES: Readonly<Record<string, string>> = { "(": "parenthesis", "[": "range", "{": "braces" };

function unclosed(text: string): { readonly what: string; readonly at: number } | null {
  const open: Array<{ readonly sign: string; readonly at: number }> = [];
  let quote: string | null = null;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charAt(at);
    if (quote !== null) {
      if (sign === "\\" && quote !== "`") at += 1;
      else if (sign === quote) quote = null;
    } else if (sign === '"' || sign === "'" || sign === "`") quote = sign;
    else if (NAMES[sign] !== undefined) open.push({ sign, at });
    else if (CLOSES[sign] !== undefined && open.at(-1)?.sign === CLOSES[sign]) open.pop();
  }
  const last = open.at(-1);
  return last === undefined ? null : { what: NAMES[last.sign] ?? "", at: last.at };
}
