/** A range in a plan file. Lines and columns count from 1, columns in UTF-16 code units; the end is exclusive. */
export interface Position {
  readonly line: number;
  readonly col: number;
  readonly endLine: number;
  readonly endCol: number;
}

/** Where something stands in the source document: keys and list indexes from the root. */
export type SourcePath = readonly (string | number)[];

/** One problem of a plan file. `code` is stable and listed in `codes.ts`; `fix` says what to write instead. */
export interface Diagnostic extends Position {
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly fix: string | null;
  /** The path of the plan file as it was given. */
  readonly file: string;
  readonly path: SourcePath;
}
