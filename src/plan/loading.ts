import type { Diagnostic, SourcePath } from "./diagnostic.ts";
import type { DriverCatalog } from "./driver-catalog.ts";
import type { LoadCode } from "./load-codes.ts";
import type { ParamValue } from "./params/param-value.ts";
import type { Part, Source } from "./source/source.ts";

/** A problem as the loader's parts tell it; the place is looked up by `Loading`. */
export interface Problem {
  readonly code: LoadCode;
  readonly message: string;
  readonly fix: string | null;
  readonly severity?: Diagnostic["severity"];
  /** Points at a part of the text. */
  readonly part?: Part | undefined;
  /** Points at the key instead of the value. */
  readonly atKey?: boolean;
}

/** What every part of the loader needs: where things stand, what may be named, and where problems go. */
export interface Loading {
  readonly source: Source;
  readonly catalog: DriverCatalog;
  /** The resolved parameters; a parameter that could not be resolved is absent. */
  readonly params: ReadonlyMap<string, ParamValue>;
  /** The values that a parameter may have, by parameter; absent where it may have any. */
  readonly choices: ReadonlyMap<string, readonly string[]>;
  /** The outputs that some action of the plan has. */
  readonly outputs: ReadonlySet<string>;
  /** Filled while normalizing: the words of what an `if` leaves out, where a thing may be used all the same. */
  readonly leftOut: Set<string>;
  /** Soaks, intervals, windows and waits are multiplied by this. */
  readonly timeScale: number;
  /** Filled while normalizing: where each thing of the plan was written. */
  readonly sourceOf: Map<string, SourcePath>;
  report(path: SourcePath, problem: Problem): void;
  /** Whether an error was reported at `path`, below it, or above it. */
  isBroken(path: SourcePath): boolean;
}
