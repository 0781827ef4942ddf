import { z } from "zod";

import type { Node } from "./node.ts";

/** What a plan may write where a number, a word of a list or a patterned text stands: a reference, filled in later. */
const PLACEHOLDER: Node = { type: "string", pattern: "\\$\\{[^}]*\\}" };

/** The JSON schema of what an author may write where `schema` validates the value with its placeholders filled in. */
export function toNode(schema: z.ZodType): Node {
  const {
    $schema: _schema,
    definitions: _definitions,
    ...node
  } = z.toJSONSchema(schema, {
    target: "draft-7",
    io: "input",
    unrepresentable: "any",
  });
  return open(node) as Node;
}

/** The properties of a zod shape, and those of them that are required. */
export function shapeNodes(shape: Readonly<Record<string, z.ZodType>>): {
  readonly properties: Readonly<Record<string, Node>>;
  readonly required: readonly string[];
} {
  const entries = Object.entries(shape);
  return {
    properties: Object.fromEntries(entries.map(([key, schema]) => [key, toNode(schema)])),
    required: entries.flatMap(([key, schema]) =>
      schema.safeParse(undefined).success ? [] : [key],
    ),
  };
}

/** Adds the placeholder as an alternative to everything that is not any text anyway. */
function open(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(open);
  if (typeof value !== "object" || value === null) return value;
  // The only recursive schema is "any JSON".
  if ("$ref" in value) return {};
  const node: Record<string, unknown> = {};
  for (const [key, each] of Object.entries(value)) {
    if (key === "propertyNames" || key === "enum" || key === "const" || key === "examples")
      node[key] = each;
    else if (key === "properties")
      node[key] = Object.fromEntries(
        Object.entries(each as Node).map(([name, inner]) => [name, open(inner)]),
      );
    // Bounds that say nothing: every integer of YAML is in them.
    else if (
      !(key === "maximum" && each === Number.MAX_SAFE_INTEGER) &&
      !(key === "minimum" && each === Number.MIN_SAFE_INTEGER)
    )
      node[key] = open(each);
  }
  return isNarrow(node) ? alternative(node) : node;
}

function isNarrow(node: Node): boolean {
  const { type } = node;
  return (
    type === "number" ||
    type === "integer" ||
    type === "boolean" ||
    (type === "string" && ("enum" in node || "pattern" in node))
  );
}

function alternative({ description, ...node }: Node): Node {
  return { ...(description === undefined ? {} : { description }), anyOf: [node, PLACEHOLDER] };
}
