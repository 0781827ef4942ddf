import type { AuditEvent } from "./audit-event.ts";

/** Which token stopped which rollout. */
export interface SpentTokens {
  /** The rollout that this token stopped; null while it is good. */
  readonly stopped: (token: string) => string | null;
  readonly apply: (event: AuditEvent) => void;
}

/** Restored and verified: only then nothing is left to be tried again with the same token. */
const DONE = 31;

/**
 * A token stops one rollout: whoever gets hold of a request, or of the token in it, can not stop the next one with it. It
 * is good again when the abort did not end as it should, because then it has to be tried again. `earlier` is the audit
 * trail so far, so that a token stays spent when the server is started anew.
 */
export function spentTokens(earlier: readonly AuditEvent[]): SpentTokens {
  const spent = new Map<string, string>();
  const apply = (event: AuditEvent): void => {
    if (event.kind === "abort-accepted") spent.set(event.token, event.rollout);
    if (event.kind === "abort-ended" && event.exit !== DONE) spent.delete(event.token);
  };
  for (const event of earlier) apply(event);
  return { stopped: (token) => spent.get(token) ?? null, apply };
}
