import { reactionEvents } from "../../core/reaction.ts";
import type { DriverCatalog } from "../driver-catalog.ts";
import { messageShape, reactionShape } from "../schema/reaction-shape.ts";
import { listOf, ref, strictMap, type Node } from "./node.ts";
import { shapeNodes, toNode } from "./to-node.ts";

/** The section `on`: a list of lines for each event. */
export function onNode(): Node {
  const events = Object.entries(reactionEvents).map(
    ([event, when]) => [event, listOf(ref("reaction"), when)] as const,
  );
  return strictMap(Object.fromEntries(events));
}

/** A line of `on`, with the keys of all sinks. */
export function reactionNode(catalog: DriverCatalog): Node {
  const own = [...catalog.sinks.values()].flatMap(({ options }) => {
    const properties = options === null ? undefined : toNode(options)["properties"];
    return Object.entries((properties ?? {}) as Readonly<Record<string, Node>>);
  });
  const unless = { description: "a person's word that makes it pointless", ...ref("condition") };
  return strictMap({
    ...shapeNodes(reactionShape).properties,
    ...Object.fromEntries(own),
    evidence: listOf(ref("evidence"), "what is kept of that moment"),
    unless,
    if: ref("if"),
  });
}

export function messageNode(): Node {
  const { properties, required } = shapeNodes(messageShape);
  return strictMap(properties, required);
}
