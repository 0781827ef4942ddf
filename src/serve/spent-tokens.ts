import type { AuditEvent } from "./audit-event.ts";

/** What a token was used for. */
export interface Spent {
  readonly rollout: string;
  /** An earlier server did not live to see how that abort ended: for the same rollout it may be tried again. */
  readonly unsure: boolean;
}

/** Which token stopped which rollout. */
export interface SpentTokens {
  /** Null while the token is good. */
  readonly find: (token: string) => Spent | null;
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
  const spent = new Map<string, { readonly rollout: string; readonly done: boolean }>();
  const own = new Set<string>();
  const fold = (event: AuditEvent): void => {
    if (event.kind === "abort-accepted")
      spent.set(event.token, { rollout: event.rollout, done: false });
    if (event.kind !== "abort-ended") return;
    if (event.exit === DONE) spent.set(event.token, { rollout: event.rollout, done: true });
    else spent.delete(event.token);
  };
  for (const event of earlier) fold(event);
  return {
    find: (token) => {
      const found = spent.get(token);
      if (found === undefined) return null;
      return { rollout: found.rollout, unsure: !found.done && !own.has(token) };
    },
    apply: (event) => {
      fold(event);
      if (event.kind === "abort-accepted") own.add(event.token);
    },
  };
}
