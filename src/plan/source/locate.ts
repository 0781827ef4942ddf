import { isScalar, type LineCounter, type Node } from "yaml";

import type { Position, SourcePath } from "../diagnostic.ts";
import { unmask } from "./mask.ts";
import type { SourceTree } from "./source-tree.ts";
import type { Part, Source } from "./source.ts";

interface Written {
  readonly text: string;
  readonly lines: LineCounter;
  readonly tree: SourceTree;
}

/** The lookups of a `Source` over one document. */
export function locate(written: Written): Pick<Source, "at" | "keyAt" | "written"> {
  return {
    at: (path, part) => {
      const found = nearestTree(written.tree, path);
      const node = found.tree.node ?? found.tree.key;
      if (node?.range == null) return toPosition(written, 0, 0);
      const [start, end] = node.range;
      const inside = part === undefined || !found.exact ? null : partOf(written.text, node, part);
      return inside === null
        ? toPosition(written, start, end)
        : toPosition(written, inside.start, inside.end);
    },
    keyAt: (path) => {
      const { tree } = nearestTree(written.tree, path);
      const range = (tree.key ?? tree.node)?.range;
      return range == null ? toPosition(written, 0, 0) : toPosition(written, range[0], range[1]);
    },
    written: (path) => {
      const { tree, exact } = nearestTree(written.tree, path);
      if (!exact || !isScalar(tree.node)) return null;
      return unmask(tree.node.source ?? String(tree.node.value));
    },
  };
}

function nearestTree(
  root: SourceTree,
  path: SourcePath,
): { readonly tree: SourceTree; readonly exact: boolean } {
  let tree = root;
  for (const step of path) {
    const next = tree.children.get(step);
    if (next === undefined) return { tree, exact: false };
    tree = next;
  }
  return { tree, exact: true };
}

/** Where a part of a scalar's value stands in the file; null where escapes or folding make that unclear. */
function partOf(
  text: string,
  node: Node,
  part: Part,
): { readonly start: number; readonly end: number } | null {
  if (!isScalar(node) || typeof node.value !== "string" || node.range == null) return null;
  const [from, to] = node.range;
  const quote = text[from] === '"' || text[from] === "'" ? 1 : 0;
  const raw = text.slice(from + quote, to - quote);
  if (raw !== node.value) return null;
  const start = from + quote + Math.min(part.offset, raw.length);
  return { start, end: Math.min(start + Math.max(part.length, 1), Math.max(to - quote, start)) };
}

/** Ranges over more than a line end with the first one: a frame shows where something starts. */
function toPosition({ text, lines }: Written, start: number, end: number): Position {
  const from = lines.linePos(start);
  const line = from.line === 0 ? 1 : from.line;
  const col = from.col === 0 ? 1 : from.col;
  const newline = text.slice(start, end).search(/[\r\n]/);
  const last = newline === -1 ? end : start + newline;
  const width = text.slice(start, last).trimEnd().length;
  return { line, col, endLine: line, endCol: col + Math.max(width, 1) };
}
