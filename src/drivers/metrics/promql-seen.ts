import type { SyntaxNode } from "@lezer/common";

import { promqlCountFactor } from "./promql-count-factor.ts";
import { promqlDuration } from "./promql-duration.ts";
import { childrenOf, parsePromql } from "./promql-tree.ts";

const COUNTED = new Set(["rate", "increase"]);

/**
 * A query for what counters really grew by, in the place of one that asks for their `rate` or `increase`; null where its
 * text does not tell. These two are good for graphs, and wrong as counts of evidence, in two ways (Prometheus'
 * promql/functions.go, `extrapolatedRate`):
 *
 * - They see what lies between the points within a range and extrapolate it to the edges: at a scrape each 30 s,
 *   `rate(x[1m])` counts twice what it saw, and never what lies between two ranges that follow each other. Here a series
 *   grew by its value now less that at the beginning of the range: ranges that follow each other leave nothing out.
 * - They do not see the first value of a series. A canary is new: the first failure of each Pod, path and code makes a
 *   series, and is lost, when none of stable's are. Here a series that is new at a target that was scraped before began
 *   at 0. What came with a new target began at an unknown time, and is left out, the good with the bad.
 *
 * Of a counter that began anew counts what it shows since, also where that is more than what it showed before: `le` and
 * count of a histogram must agree on it.
 */
export function promqlSeen(query: string): string | null {
  if (promqlCountFactor(query) === null) return null;
  const { text, tree } = parsePromql(query);
  const calls: SyntaxNode[] = [];
  tree.iterate({
    enter({ node }) {
      if (node.name !== "FunctionCall") return;
      if (COUNTED.has(text.slice(node.from, node.firstChild?.to ?? node.from))) calls.push(node);
    },
  });
  let seen = query;
  for (const call of calls.toReversed()) {
    const range = rangeOf(call, query);
    if (range === null) return null;
    seen = `${seen.slice(0, call.from)}${seenIn(range)}${seen.slice(call.to)}`;
  }
  return calls.length === 0 ? null : seen;
}

interface Range {
  /** `x{code="500"}`, `1m` */
  readonly selector: string;
  readonly duration: string;
}

/** What a call is about; null where that is something else than a plain range that ends now. */
function rangeOf(call: SyntaxNode, query: string): Range | null {
  const body = childrenOf(call).find(({ name }) => name === "FunctionCallBody");
  const [range] =
    body === undefined ? [] : childrenOf(body).filter(({ type }) => !type.isAnonymous);
  if (range?.name !== "MatrixSelector") return null;
  const [selector, duration] = ["VectorSelector", "DurationExpr"].map((name) => {
    const part = childrenOf(range).find((child) => child.name.endsWith(name));
    return part === undefined ? null : query.slice(part.from, part.to).trim();
  });
  if (typeof selector !== "string" || typeof duration !== "string") return null;
  // A computed one would read otherwise behind `offset`.
  return promqlDuration(duration) === null ? null : { selector, duration };
}

function seenIn({ selector, duration }: Range): string {
  const range = `${selector}[${duration}]`;
  const before = `${selector} offset ${duration}`;
  const scraped = `(up offset ${duration} == 1)`;
  // Times 1, which takes their names from all: MetricsQL keeps those that PromQL drops, and would not match them.
  const anew = `((min_over_time(${range}) < ${before}) * 1 or (resets(${range}) > 0) * 1)`;
  const born = `((${selector} unless ${before}) and on (job, instance) ${scraped}) * 1`;
  return `(((${selector} - ${before}) unless ${anew}) or (${selector} and ${before}) * 1 or ${born})`;
}
