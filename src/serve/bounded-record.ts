import type { AuditEvent } from "./audit-event.ts";
import type { Audit, Recorded } from "./open-audit.ts";

/** Refusals that are written one by one in a minute; those beyond are counted, and the counts written. */
export const ONE_BY_ONE = 120;
const MINUTE = 60_000;

/**
 * Keeps a flood of refused requests from filling the disk, which the way back may need. `record` of a refusal beyond the
 * bound gives null; everything else is written as it comes.
 */
export function boundedRecord(
  record: Audit["record"],
  now: () => number,
): {
  readonly record: (event: AuditEvent, by: string) => Promise<Recorded | null>;
  /** Writes the counts that are left. */
  readonly flush: () => Promise<void>;
} {
  let since = now();
  let written = 0;
  let counts: Record<string, number> = {};
  const flush = async (): Promise<void> => {
    const why = counts;
    const count = Object.values(why).reduce((sum, each) => sum + each, 0);
    since = now();
    written = 0;
    counts = {};
    if (count > 0) await record({ kind: "refusals-counted", count, why }, "unknown");
  };
  return {
    flush,
    record: async (event, by) => {
      if (now() - since >= MINUTE) await flush();
      if (event.kind !== "refused") return record(event, by);
      written += 1;
      if (written <= ONE_BY_ONE) return record(event, by);
      counts[event.why] = (counts[event.why] ?? 0) + 1;
      return null;
    },
  };
}
