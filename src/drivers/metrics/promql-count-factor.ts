import type { SyntaxNode } from "@lezer/common";

import { promqlDuration } from "./promql-duration.ts";
import { childrenOf, parsePromql } from "./promql-tree.ts";

const SUMS = new Set(["Add", "Sub"]);
const COUNTS = new Set(["increase", "count_over_time", "sum_over_time"]);

/**
 * What the value of a query must be multiplied with to be a number of events: the range in seconds for
 * `sum(rate(x[5m]))`, 1 for `sum(increase(x[5m]))` and a plain counter. Null where that cannot be read from the text.
 */
export function promqlCountFactor(query: string): number | null {
  const { text, tree } = parsePromql(query);
  const top = tree.topNode.firstChild;
  return top === null ? null : factorOf(top);

  function factorOf(node: SyntaxNode): number | null {
    const children = childrenOf(node);
    switch (node.name) {
      case "ParenExpr":
      case "OffsetExpr":
        return first(children);
      case "VectorSelector":
        return 1;
      case "AggregateExpr": {
        const sums = children[0]?.firstChild?.name === "Sum";
        return sums ? first(argumentsOf(node)) : null;
      }
      case "FunctionCall":
        return factorOfCall(node);
      case "BinaryExpr":
        return factorOfBinary(children);
      default:
        return null;
    }
  }

  function first(nodes: readonly SyntaxNode[]): number | null {
    const [node] = nodes;
    return node === undefined ? null : factorOf(node);
  }

  function factorOfCall(node: SyntaxNode): number | null {
    const name = text.slice(node.from, node.firstChild?.to ?? node.from);
    if (COUNTS.has(name)) return 1;
    if (name !== "rate") return null;
    let matrix = argumentsOf(node)[0] ?? null;
    while (matrix?.name === "OffsetExpr" || matrix?.name === "ParenExpr")
      matrix = matrix.firstChild;
    const range = childrenOf(matrix ?? node).find((child) => child.name === "DurationExpr");
    if (matrix?.name !== "MatrixSelector" || range === undefined) return null;
    const ms = promqlDuration(text.slice(range.from, range.to).trim());
    return ms === null ? null : ms / 1000;
  }

  function factorOfBinary(children: readonly SyntaxNode[]): number | null {
    const [left, operator] = children;
    const right = children.at(-1);
    if (left === undefined || right === undefined) return null;
    const factor = factorOf(left);
    if (operator?.name === "Or" && /^vector\(\s*0\s*\)$/.test(text.slice(right.from, right.to)))
      return factor;
    // What a counter grew by is a difference too: `sum(x) - sum(x offset 1m)`.
    return SUMS.has(operator?.name ?? "") && factor === factorOf(right) ? factor : null;
  }
}

function argumentsOf(node: SyntaxNode): readonly SyntaxNode[] {
  const body = childrenOf(node).find((child) => child.name === "FunctionCallBody");
  return body === undefined ? [] : childrenOf(body).filter((child) => !child.type.isAnonymous);
}
