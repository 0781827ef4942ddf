import { note, problem, type Finding } from "./finding.ts";
import type { JournalLine } from "./journal-line.ts";

/** What a clock may be set right by between two lines without a word, in milliseconds. */
const TOLERANCE = 60_000;

/**
 * Compares the two clocks of each line: the time of day may be written at will, and the monotonic clock beside it says how
 * long it was since the line before. Lines that are dated back contradict it. That the time of day runs ahead is a note: a
 * machine that slept looks the same.
 */
export function verifyClock(
  path: string,
  entries: readonly JournalLine<unknown>[],
): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [index, entry] of entries.entries()) {
    const before = entries[index - 1];
    if (before === undefined) continue;
    const day = Date.parse(entry.at) - Date.parse(before.at);
    const ahead = day - (entry.mono - before.mono);
    const seconds = Math.round(Math.abs(ahead) / 1000);
    if (ahead < -TOLERANCE)
      findings.push(
        problem(
          path,
          `line ${entry.seq} is dated ${seconds} s earlier than the monotonic clock beside it allows: it was dated back, or the clock was set back`,
        ),
      );
    else if (ahead > TOLERANCE)
      findings.push(
        note(
          path,
          `the time of day is ${seconds} s ahead of the monotonic clock at line ${entry.seq}: the machine slept, its clock was set, or the lines before are dated back`,
        ),
      );
    if (entry.mono < before.mono)
      findings.push(problem(path, `the monotonic clock runs backwards at line ${entry.seq}`));
  }
  return findings;
}
