import type { SourcePath } from "../diagnostic.ts";
import type { LocatedPlan } from "../located-plan.ts";

/**
 * Where a field of a thing was written: below the thing, else in `everyStage` for a stage. The thing itself when its
 * author left the field to its default.
 */
export function sourcePath(located: LocatedPlan, thing: string, field?: string): SourcePath {
  const path = located.sourceOf.get(thing) ?? [];
  if (field === undefined) return path;
  const own = [...path, field];
  if (isWritten(located, own, path)) return own;
  const shared = ["everyStage", field];
  return thing.startsWith("stage:") && isWritten(located, shared, ["everyStage"]) ? shared : path;
}

function isWritten(located: LocatedPlan, path: SourcePath, parent: SourcePath): boolean {
  const [a, b] = [located.at(path), located.at(parent)];
  return a.line !== b.line || a.col !== b.col || a.endLine !== b.endLine || a.endCol !== b.endCol;
}
