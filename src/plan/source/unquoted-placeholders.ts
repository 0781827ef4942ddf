import { isCollection, isScalar, visit, type Document } from "yaml";

import { unmask } from "./mask.ts";

/** The places of a masked document where `${…}` stands in a flow list or map without quotes, as start and end offsets. */
export function unquotedPlaceholders(
  document: Document,
): readonly { readonly range: readonly [number, number]; readonly text: string }[] {
  const found: { range: readonly [number, number]; text: string }[] = [];
  visit(document, {
    Scalar(_, node, path) {
      if (node.type !== "PLAIN" || node.range == null || !isScalar(node)) return;
      const written = node.source ?? "";
      const flow = path.some((each) => isCollection(each) && each.flow === true);
      if (flow && unmask(written) !== written)
        found.push({ range: [node.range[0], node.range[1]], text: unmask(written) });
    },
  });
  return found;
}
