import type { Diagnostic, SourcePath } from "../diagnostic.ts";
import type { LocatedPlan } from "../located-plan.ts";
import { ruleCodes, type RuleCode } from "./rule-codes.ts";

/** A problem before it has a position: `path` leads to what the author wrote. */
export interface Found {
  readonly code: RuleCode;
  readonly path: SourcePath;
  readonly message: string;
  readonly fix: string;
  /** The part of the text at `path` that is meant. */
  readonly part?: { readonly offset: number; readonly length: number } | null;
  /** Point at the key that the path ends with, not at its value. */
  readonly atKey?: boolean;
}

/** Places problems in the file. One place has a code once, so that what came from `everyStage` is not told per stage. */
export function problemsAt(located: LocatedPlan, found: readonly Found[]): readonly Diagnostic[] {
  const told = new Set<string>();
  return found.flatMap(({ code, path, message, fix, part, atKey }) => {
    const key = JSON.stringify([code, path, part ?? null]);
    if (told.has(key)) return [];
    told.add(key);
    const position = atKey === true ? located.keyAt(path) : located.at(path, part ?? undefined);
    const { severity } = ruleCodes[code];
    return [{ ...position, code, severity, message, fix, file: located.file, path }];
  });
}
