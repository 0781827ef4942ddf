import type { Node } from "yaml";

import type { Json } from "../../core/units.ts";

/** A value of the document with the node that it was written as, so that every problem can point at its place. */
export interface SourceTree {
  readonly value: Json;
  readonly node: Node | null;
  /** The key that it stands under; null for list items and the root. */
  readonly key: Node | null;
  readonly children: ReadonlyMap<string | number, SourceTree>;
}
