import type { z } from "zod";

import { strictMap, type Node } from "./node.ts";
import { toNode } from "./to-node.ts";

interface Driven {
  /** The driver's schema of its part. */
  readonly schema: z.ZodType;
  readonly description: string;
  /** Keys that stand beside the driver's own. */
  readonly beside: Readonly<Record<string, Node>>;
  readonly required: readonly string[];
}

/** A map that holds a driver's keys and those of every thing of its sort. */
export function drivenNode({ schema, description, beside, required }: Driven): Node {
  const node = toNode(schema);
  const own = node["properties"];
  if (typeof own !== "object" || own === null) return { description, type: "object" };
  const needs = Array.isArray(node["required"]) ? (node["required"] as string[]) : [];
  const properties = { ...(own as Readonly<Record<string, Node>>), ...beside };
  return { description, ...strictMap(properties, [...needs, ...required]) };
}
