import { z } from "zod";

import { markdownTable } from "./markdown-table.ts";

/** The parts of a JSON schema that a table of keys shows. */
interface Node {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Node[];
  readonly items?: Node;
  readonly enum?: readonly unknown[];
  readonly additionalProperties?: Node | boolean;
}

const DEPTH = 3;
/** A request's keys are the same everywhere, and are told once. */
const REQUEST = "POST";

/** A Markdown table of the keys of an input, deeper ones as `read.GET`, with what their schema says about them. */
export function keyTable(schema: z.ZodType): readonly string[] {
  const node = z.toJSONSchema(schema, {
    target: "draft-7",
    io: "input",
    unrepresentable: "any",
  }) as Node;
  const rows = keyRows(node, "", DEPTH);
  if (rows.length === 0) return [`Its input is ${kindOf(node)}.`, ""];
  const whole = (node.anyOf ?? []).filter(({ properties }) => properties === undefined);
  const short = whole.length === 0 ? [] : [`In short: ${whole.map(kindOf).join(" or ")}.`, ""];
  return [...short, ...markdownTable(["key", "is", ""], rows)];
}

function keyRows(node: Node, prefix: string, depth: number): readonly (readonly string[])[] {
  const map = [node, ...(node.anyOf ?? [])].find(({ properties }) => properties !== undefined);
  const { properties = {}, required = [] } = map ?? {};
  if (REQUEST in properties && prefix !== "") return [];
  return Object.entries(properties).flatMap(([key, each]) => {
    const name = `${prefix}${key}`;
    const must = required.includes(key) ? "" : ", optional";
    const told =
      each.description ?? each.anyOf?.find(({ description }) => description)?.description;
    const inside = each.type === "array" ? (each.items ?? {}) : each;
    return [
      [`\`${name}\``, `${kindOf(each)}${must}`, told ?? ""],
      ...(depth > 1 ? keyRows(inside, `${name}.`, depth - 1) : []),
    ];
  });
}

function kindOf(node: Node): string {
  if (node.enum !== undefined) return node.enum.map(String).join(", ");
  if (node.anyOf !== undefined) return [...new Set(node.anyOf.map(kindOf))].join(" or ");
  if (node.properties !== undefined) return REQUEST in node.properties ? "a request" : "a map";
  switch (node.type) {
    case "string":
      return "text";
    case "integer":
      return "whole number";
    case "boolean":
      return "true or false";
    case "array":
      return `list of ${kindOf(node.items ?? {})}`;
    case "object":
      return "a map";
    case undefined:
      return "any value";
  }
  return node.type ?? "";
}
