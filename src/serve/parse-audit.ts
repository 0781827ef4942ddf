import { hashLine, parseLine, type Link } from "../evidence/journal-line.ts";
import { sha256 } from "../evidence/manifest.ts";
import type { AuditEvent } from "./audit-event.ts";

export interface ParsedAudit {
  readonly events: readonly AuditEvent[];
  /** Hash by line number, from 1. */
  readonly hashes: ReadonlyMap<number, string>;
  /** What shows that it was changed. */
  readonly problems: readonly string[];
  readonly last: Link | null;
  /** A half line at the very end, as a crash leaves one. */
  readonly torn: string | null;
}

/**
 * Reads an audit trail. A half line is no change where the line after it names its hash: a crash left it, and the server
 * that was started next said so. Never throws.
 */
export function parseAudit(text: string): ParsedAudit {
  const lines = text.split("\n");
  const rest = lines.pop() ?? "";
  const events: AuditEvent[] = [];
  const hashes = new Map<number, string>();
  const problems: string[] = [];
  let last = null as Link | null;
  let half: string | null = null;
  for (const [index, line] of lines.entries()) {
    const entry = parseLine<AuditEvent>(line);
    if (entry === null) {
      half = half === null ? line : `${half}\n${line}`;
      continue;
    }
    const { event } = entry;
    if (half !== null && !(event.kind === "serving" && event.torn === sha256(half)))
      problems.push(`line ${index} is not a line of an audit trail`);
    half = null;
    if (entry.seq !== (last?.seq ?? 0) + 1)
      problems.push(`line ${index + 1} has number ${entry.seq}, not ${(last?.seq ?? 0) + 1}`);
    if (entry.prev !== (last === null ? null : hashLine(last.line)))
      problems.push(`line ${index + 1} is not linked to the line before it`);
    last = { seq: entry.seq, line };
    hashes.set(entry.seq, hashLine(line));
    events.push(event);
  }
  const torn = rest === "" ? half : half === null ? rest : `${half}\n${rest}`;
  return { events, hashes, problems, last, torn };
}
