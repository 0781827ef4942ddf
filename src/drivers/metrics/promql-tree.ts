import { createRequire } from "node:module";

import type { SyntaxNode, Tree } from "@lezer/common";

/** A parsed query: `text` has what placeholders stand for replaced by something of the same length and kind. */
export interface PromqlTree {
  readonly text: string;
  readonly tree: Tree;
}

type Grammar = typeof import("@prometheus-io/lezer-promql");

let grammar: Grammar | null = null;

/**
 * Parses PromQL with the Prometheus project's own grammar. It is loaded at the first query and not with this module:
 * an abort through a catalog of all drivers must not wait for it, and the contract's `window` and `lint` are not async.
 */
export function parsePromql(query: string): PromqlTree {
  grammar ??= createRequire(import.meta.url)("@prometheus-io/lezer-promql") as Grammar;
  const text = maskPlaceholders(query);
  return { text, tree: grammar.parser.parse(text) };
}

/** The children of a node in order. */
export function childrenOf(node: SyntaxNode): readonly SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) children.push(child);
  return children;
}

const PLACEHOLDER = /\$\{[^{}]*\}/g;

/** Puts a duration, a label matcher or a name where a placeholder stands, as its place asks for, so that offsets stay. */
function maskPlaceholders(query: string): string {
  return query.replace(PLACEHOLDER, (whole, at: number) => {
    const before = query.slice(0, at).trimEnd();
    const after = query.slice(at + whole.length).trimStart();
    if (/[[:]$/.test(before) && /^[\]:]/.test(after)) return `${"1".repeat(whole.length - 1)}s`;
    if (/\boffset$/i.test(before)) return `${"1".repeat(whole.length - 1)}s`;
    // Backticks, because the place may lie inside a quoted text that has a comma in it.
    if (/[{,]$/.test(before) && /^[},]/.test(after)) return `a=\`${"b".repeat(whole.length - 4)}\``;
    return "a".repeat(whole.length);
  });
}
