import type { Event } from "../core/event.ts";
import type { JournalEntry } from "./ports.ts";
import type { Run } from "./run.ts";

/**
 * What the numbers of the lines say of lines that are lost, of epochs that could begin something: what one on the way back
 * wrote names nothing that was begun. Who takes over counts on from the last line that was there; who claims the end of its own
 * epoch may leave out lines that no store ever took, and after an end all is said.
 */
export function countedLines(
  entries: readonly JournalEntry[],
): Pick<Run, "lastLines" | "linesGone"> {
  const lastLines = new Map<number, number>();
  let last = 0;
  let linesGone = 0;
  let isForward = false;
  for (const { epoch, seq, event } of entries) {
    if (event.kind === "claimed") {
      if (event.end !== null) linesGone = 0;
      else if (isForward) linesGone += Math.max(0, seq - 1 - last);
      isForward = mayBegin(event);
    }
    last = Math.max(last, seq);
    if (isForward) lastLines.set(epoch, last);
  }
  return { lastLines, linesGone };
}

function mayBegin({ mode, end }: Extract<Event, { kind: "claimed" }>): boolean {
  return end === null && (mode === "start" || mode === "continue");
}
