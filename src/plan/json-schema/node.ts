/** A part of a JSON schema (draft 7). */
export type Node = { readonly [key: string]: unknown };

/** A strict map: keys that are not listed are wrong. */
export function strictMap(
  properties: Readonly<Record<string, Node>>,
  required: readonly string[] = [],
): Node {
  const needs = required.length === 0 ? {} : { required };
  return { type: "object", properties, ...needs, additionalProperties: false };
}

export function listOf(items: Node, description?: string): Node {
  return { ...(description === undefined ? {} : { description }), type: "array", items };
}

/** A map of things by name. */
export function namedMap(value: Node, description: string): Node {
  return { description, type: "object", additionalProperties: value };
}

export function ref(definition: string): Node {
  return { $ref: `#/definitions/${definition}` };
}
