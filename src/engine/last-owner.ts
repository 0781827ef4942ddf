import type { Entry, Owner } from "../core/event.ts";

/** The owner of the newest epoch that is not an end; null in an empty journal. */
export function lastOwner(entries: readonly Entry[]): Owner | null {
  const claim = entries.findLast(({ event }) => event.kind === "claimed" && event.end === null);
  return claim?.event.kind === "claimed" ? claim.event.owner : null;
}
