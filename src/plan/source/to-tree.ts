import { isAlias, isMap, isScalar, isSeq, type Document, type Node, type Pair } from "yaml";

import type { Json } from "../../core/units.ts";
import type { LoadCode } from "../load-codes.ts";
import { unmask } from "./mask.ts";
import type { SourceTree } from "./source-tree.ts";

const MOST_NODES = 20_000;
const DEEPEST = 60;

/** Something in a YAML document that a plan cannot hold. */
export interface TreeProblem {
  readonly code: LoadCode;
  readonly message: string;
  readonly fix: string | null;
  readonly node: Node | null;
}

interface Walk {
  readonly document: Document;
  readonly problems: TreeProblem[];
  /** Aliases are followed; what they would blow up to is bounded by this count. */
  left: number;
}

/** Turns a document into plain JSON with the places of its parts. Problems are told; their values become null. */
export function toTree(document: Document): {
  readonly tree: SourceTree;
  readonly problems: readonly TreeProblem[];
} {
  const walk: Walk = { document, problems: [], left: MOST_NODES };
  const tree = visit(walk, document.contents, null, []);
  return { tree, problems: walk.problems };
}

function visit(
  walk: Walk,
  given: Node | null,
  key: Node | null,
  above: readonly Node[],
): SourceTree {
  walk.left -= 1;
  const leaf = (value: Json): SourceTree => ({ value, node: given, key, children: new Map() });
  if (walk.left < 0 || above.length > DEEPEST) {
    tooLarge(walk, given);
    return leaf(null);
  }
  const node = isAlias(given) ? (given.resolve(walk.document) ?? null) : given;
  if (isAlias(given) && node === null) {
    const message = `*${given.source} refers to no anchor`;
    walk.problems.push({
      code: "yaml",
      message,
      fix: "quote text that begins with *",
      node: given,
    });
  }
  if (node !== null && above.includes(node)) {
    const message = "an alias contains itself";
    walk.problems.push({ code: "yaml", message, fix: "write the value out", node: given });
    return leaf(null);
  }
  if (isScalar(node)) return leaf(scalar(walk, node, given));
  if (isSeq(node)) return list(walk, node.items as (Node | null)[], { given, key, above, node });
  if (isMap(node)) return map(walk, node.items as Pair<Node, Node | null>[], place());
  return leaf(null);

  function place(): Place {
    return { given, key, above, node: node as Node };
  }
}

interface Place {
  readonly given: Node | null;
  readonly key: Node | null;
  readonly above: readonly Node[];
  readonly node: Node;
}

function list(walk: Walk, items: readonly (Node | null)[], place: Place): SourceTree {
  const above = [...place.above, place.node];
  const children = new Map<number, SourceTree>();
  for (const [index, item] of items.entries()) {
    if (walk.left < 0) break;
    // `[a, b: c]` holds a bare pair; the parser wraps it into a map, so every item is a node.
    children.set(index, visit(walk, item, null, above));
  }
  const value = [...children.values()].map((child) => child.value);
  return { value, node: place.given, key: place.key, children };
}

function map(walk: Walk, pairs: readonly Pair<Node, Node | null>[], place: Place): SourceTree {
  const above = [...place.above, place.node];
  const children = new Map<string, SourceTree>();
  for (const pair of pairs) {
    if (walk.left < 0) break;
    const name = keyOf(walk, pair.key);
    if (name !== null) children.set(name, visit(walk, pair.value, pair.key, above));
  }
  const value = Object.fromEntries([...children].map(([name, child]) => [name, child.value]));
  return { value, node: place.given, key: place.key, children };
}

function keyOf(walk: Walk, key: Node): string | null {
  const refuse = (message: string, fix: string): null => {
    walk.problems.push({ code: "yaml", message, fix, node: key });
    return null;
  };
  if (!isScalar(key)) {
    return refuse(
      "a key is a list or a map",
      'put text with ${…} in quotes, like soak: "${params.soak}"',
    );
  }
  const name =
    typeof key.value === "string" ? unmask(key.value) : (key.source ?? String(key.value));
  if (name === "<<")
    return refuse("`<<` merges nothing in YAML 1.2", "write shared settings into `everyStage`");
  if (name === "__proto__") return refuse("the key __proto__ is not allowed", "remove it");
  if (name === "") return refuse("a key is empty", "write its name, or remove the line");
  return name;
}

function scalar(walk: Walk, node: Node, given: Node | null): Json {
  const value: unknown = isScalar(node) ? node.value : null;
  if (typeof value === "string") return unmask(value);
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  walk.problems.push({
    code: "yaml",
    message: `${isScalar(node) ? (node.source ?? "it") : "it"} is not a usable value`,
    fix: "write a finite number, or text in quotes",
    node: given,
  });
  return null;
}

function tooLarge(walk: Walk, node: Node | null): void {
  if (walk.problems.some(({ code }) => code === "too-large")) return;
  walk.left = -1;
  walk.problems.push({
    code: "too-large",
    message: `the plan holds more than ${MOST_NODES} values, or more than ${DEEPEST} levels`,
    fix: "write fewer aliases, or split the plan",
    node,
  });
}
