import type { Event } from "../core/event.ts";
import { hashLine, parseLine } from "./journal-line.ts";

/** A line of a journal as somebody saw it who does not lie in the evidence: a CI log, a chat, a store. */
export interface SeenLine {
  readonly epoch: number;
  readonly seq: number;
  /** SHA-256 of the line, in hex. */
  readonly sha256: string;
}

/** Events whose line is signed and told: from then on nothing before them can be cut off or changed unseen. */
const HEADS: ReadonlySet<string> = new Set<Event["kind"]>([
  "claimed",
  "baseline-captured",
  "stage-passed",
  "rolling-back",
  "restored",
]);

/** Whether the line of this event is a head that is signed and told. */
export function isHead(event: Event): boolean {
  return HEADS.has(event.kind);
}

/** A head as it is printed and sent, so that whoever keeps it is a witness: `head <rollout> <epoch>.<number> <sha-256>`. */
export function witnessLine(
  rollout: string,
  { epoch, seq }: { readonly epoch: number; readonly seq: number },
  line: string,
): string {
  return `head ${rollout} ${epoch}.${seq} ${hashLine(line)}`;
}

/** The text around a head is whatever a log or chat puts there; a mail may break the line between its words. */
const PRINTED = /head\s+(01[0-9a-z]{24})\s+(\d{1,9})\.(\d{1,15})\s+([0-9a-f]{64})\b/gu;
const JOURNALLED = /\{"v":1,"seq":.*\}/u;

/** What a text saw of a rollout: the heads printed in it, and the lines of the journal themselves, as `--output ndjson` gives them. */
export function seenIn(text: string, rollout: string): readonly SeenLine[] {
  const printed = Array.from(text.matchAll(PRINTED)).flatMap(([, of, epoch, seq, sha256 = ""]) =>
    of === rollout ? [{ epoch: Number(epoch), seq: Number(seq), sha256 }] : [],
  );
  return [...printed, ...journalled(text, rollout)];
}

/** Lines name no rollout but in their claims: those behind a claim are of its rollout. */
function journalled(text: string, rollout: string): readonly SeenLine[] {
  let current: unknown = null;
  return text.split("\n").flatMap((each) => {
    const line = JOURNALLED.exec(each)?.[0] ?? "";
    const entry = line === "" ? null : parseLine<{ kind: string; rollout?: unknown }>(line);
    if (entry === null) return [];
    if (entry.event.kind === "claimed") current = entry.event.rollout;
    return current === rollout
      ? [{ epoch: entry.epoch, seq: entry.seq, sha256: hashLine(line) }]
      : [];
  });
}
