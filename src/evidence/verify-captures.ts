import { note, problem, type Finding } from "./finding.ts";
import type { EvidenceFile } from "./list-evidence.ts";
import type { JournalEvent } from "./verify-journals.ts";

/**
 * Checks each capture against the journal, which says of every one what is written, right before it is. One that is missing,
 * or as an earlier line says, is worth a word only: it lies on the machine that took it, and its process may have died
 * between the line and the file. The manifest knows what was there at the end.
 */
export function verifyCaptures(
  files: readonly EvidenceFile[],
  events: readonly JournalEvent[],
): readonly Finding[] {
  const taken = Map.groupBy(
    events.flatMap(({ kind, path, sha256 }) =>
      kind === "capture-taken" && typeof path === "string" ? [{ path, sha256 }] : [],
    ),
    ({ path }) => path,
  );
  const present = new Map(files.map(({ path, sha256 }) => [path, sha256]));
  const findings = [...taken].flatMap(([path, lines]): readonly Finding[] => {
    const now = present.get(path);
    if (now === lines.at(-1)?.sha256) return [];
    if (now === undefined)
      return [note(path, "it was taken, and is gone, or lies on the machine that took it")];
    return lines.some(({ sha256 }) => sha256 === now)
      ? [note(path, "it was taken again, and this is how it was before")]
      : [problem(path, "it is not what the journal says was taken")];
  });
  // A journal from before captures stood in it knows none.
  const strangers = files.filter(
    ({ path }) => taken.size > 0 && isCapture(path) && !taken.has(path),
  );
  return [
    ...findings,
    ...strangers.map(({ path }) => problem(path, "the journal does not know it: it was put there")),
  ];
}

function isCapture(path: string): boolean {
  return path.startsWith("stages/") || path.startsWith("captures/");
}
