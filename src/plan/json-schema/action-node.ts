import type { DriverCatalog } from "../driver-catalog.ts";
import { actionShape } from "../schema/action-shape.ts";
import { ref, strictMap, type Node } from "./node.ts";
import { shapeNodes, toNode } from "./to-node.ts";

const CONNECTION: Node = {
  description: "the connection it goes through; left out where only one fits",
  type: "string",
};

/** An action: one verb of the catalog, and what every action may have beside it. */
export function actionNode(catalog: DriverCatalog, isTraffic: boolean): Node {
  const drivers = [...catalog.actions.values()].filter(({ traffic }) => traffic || !isTraffic);
  const verbs = drivers.map(({ kind, description, input, connections }) => {
    const node = withConnection(toNode(input), connections);
    return [kind, { ...node, description }] as const;
  });
  const properties = {
    ...Object.fromEntries(verbs),
    ...shapeNodes(actionShape).properties,
    if: ref("if"),
    undo: {
      description: "what undoes it: an action, or none where there is nothing to undo",
      anyOf: [{ const: "none" }, ref("action")],
    },
  };
  return { ...strictMap(properties), oneOf: verbs.map(([verb]) => ({ required: [verb] })) };
}

function withConnection(node: Node, connections: readonly string[]): Node {
  if (connections.length === 0) return node;
  const own = node["properties"];
  if (typeof own === "object" && own !== null)
    return { ...node, properties: { ...own, connection: CONNECTION } };
  const any = node["anyOf"];
  return Array.isArray(any)
    ? { ...node, anyOf: (any as Node[]).map((each) => withConnection(each, connections)) }
    : node;
}
