import type { SyntaxNode } from "@lezer/common";

import type { Millis } from "../../core/units.ts";
import { promqlDuration } from "./promql-duration.ts";
import { childrenOf, parsePromql } from "./promql-tree.ts";

/** One place of a query that reads series. */
export interface PromqlSelector {
  /** The selector without range and offset: `http_requests_total{status="500"}`. */
  readonly text: string;
  readonly metric: string;
  /** Its label matchers, each as written. */
  readonly matchers: readonly string[];
  /**
   * How far back it reads beyond an instant value: its range and those of the subqueries around it; 0 for none, null
   * where one is computed or a placeholder.
   */
  readonly range: Millis | null;
  /** How much earlier than now the range ends: its offset and those around it; null with `@`, which is a fixed time. */
  readonly offset: Millis | null;
}

/** Every selector of a query in order. */
export function promqlSelectors(query: string): readonly PromqlSelector[] {
  const { text, tree } = parsePromql(query);
  const found: PromqlSelector[] = [];
  walk(tree.topNode, { range: 0, offset: 0 });
  return found;

  function walk(node: SyntaxNode, around: Pick<PromqlSelector, "range" | "offset">): void {
    const duration = childrenOf(node).find((child) => child.name.endsWith("DurationExpr"));
    const own = duration === undefined ? 0 : millis(duration);
    let inside = around;
    if (node.name === "MatrixSelector" || node.name === "SubqueryExpr")
      inside = { ...around, range: sum(around.range, own) };
    if (node.name === "OffsetExpr") inside = { ...around, offset: sum(around.offset, own) };
    if (node.name === "StepInvariantExpr") inside = { ...around, offset: null };
    if (node.name === "VectorSelector") found.push(selectorAt(node, inside));
    else for (const child of childrenOf(node)) walk(child, inside);
  }

  function millis(node: SyntaxNode): Millis | null {
    // What stands there in the query itself: a placeholder's stand-in is no duration that anybody asked for.
    const written = query.slice(node.from, node.to).replaceAll(/\s/g, "");
    const ms = promqlDuration(written.replace(/^[+-]/, ""));
    return ms !== null && written.startsWith("-") ? -ms : ms;
  }

  function selectorAt(
    node: SyntaxNode,
    place: Pick<PromqlSelector, "range" | "offset">,
  ): PromqlSelector {
    const children = childrenOf(node);
    const matchers = children
      .filter((child) => child.name === "LabelMatchers")
      .flatMap(childrenOf)
      .map((child) => query.slice(child.from, child.to));
    const name = children.find((child) => child.name === "Identifier");
    return {
      text: query.slice(node.from, node.to).trim(),
      metric: name === undefined ? "" : text.slice(name.from, name.to),
      matchers,
      ...place,
    };
  }
}

/**
 * How far back the answer to a query looks: the furthest of its selectors, offset included; 0 for instant values. Null
 * where a range is computed or a placeholder, and for a fixed time (`@`): the plan must state the window then.
 */
export function promqlReach(query: string): Millis | null {
  let reach: Millis | null = 0;
  for (const { range, offset } of promqlSelectors(query)) {
    const one: Millis | null = sum(range, offset);
    reach = one === null || reach === null ? null : Math.max(reach, range ?? 0, one);
  }
  return reach;
}

function sum(a: Millis | null, b: Millis | null): Millis | null {
  return a === null || b === null ? null : a + b;
}
