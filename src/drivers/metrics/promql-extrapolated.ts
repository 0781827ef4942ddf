import { childrenOf, parsePromql } from "./promql-tree.ts";

const EXTRAPOLATES = new Set(["rate", "increase"]);

/** The ranges of a query that Prometheus extrapolates to their edges, as they are written: `x{code="500"}[1m]`. */
export function promqlExtrapolated(query: string): readonly string[] {
  const { text, tree } = parsePromql(query);
  const found = new Set<string>();
  tree.iterate({
    enter({ node }) {
      if (node.name !== "FunctionCall") return;
      if (!EXTRAPOLATES.has(text.slice(node.from, node.firstChild?.to ?? node.from))) return;
      const body = childrenOf(node).find((child) => child.name === "FunctionCallBody");
      const [range] =
        body === undefined ? [] : childrenOf(body).filter(({ type }) => !type.isAnonymous);
      if (range !== undefined && query.slice(range.from, range.to).includes("["))
        found.add(query.slice(range.from, range.to).trim());
    },
  });
  return [...found];
}
