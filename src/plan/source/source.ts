import type { Json } from "../../core/units.ts";
import type { Position, SourcePath } from "../diagnostic.ts";

/** Part of a text: `offset` and `length` in UTF-16 code units of its value. */
export interface Part {
  readonly offset: number;
  readonly length: number;
}

/** A plan file that was read as YAML: its value, and where each part of it stands. */
export interface Source {
  readonly file: string;
  readonly root: Json;
  /** The position of a value; of its nearest parent when there is nothing at `path`. */
  at(path: SourcePath, part?: Part): Position;
  /** The position of the key that `path` ends with; of the value where there is no key. */
  keyAt(path: SourcePath): Position;
  /** A scalar as its author wrote it (`1.10`), without quotes; null for lists and maps. */
  written(path: SourcePath): string | null;
}
