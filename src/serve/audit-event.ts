import type { RefusalKind } from "./refusal.ts";

/** Where a request came from, as far as can be known. */
export interface Caller {
  readonly address: string;
  /** What a proxy in front says of it: a claim, not a fact. */
  readonly forwarded: string | null;
  readonly method: string;
  /** Without its query, which may hold what should not be written down. */
  readonly path: string;
}

/** What the audit trail of the HTTP interface holds. */
export type AuditEvent =
  | {
      readonly kind: "serving";
      readonly url: string;
      /** Who may abort. */
      readonly roles: readonly string[];
      /** SHA-256 of a half line that a crash left before this one; null without one. */
      readonly torn: string | null;
    }
  | {
      readonly kind: "refused";
      readonly why: RefusalKind;
      readonly status: number;
      readonly text: string;
      readonly caller: Caller;
      /** Id of the token, where it was a known one. */
      readonly token: string | null;
    }
  /** More refusals came than are written one by one. */
  | {
      readonly kind: "refusals-counted";
      readonly count: number;
      readonly why: Readonly<Record<string, number>>;
    }
  | {
      readonly kind: "abort-accepted";
      readonly rollout: string;
      readonly reason: string;
      readonly operator: string;
      readonly token: string;
      readonly caller: Caller;
    }
  /** The rollout is taken over: from here on it can only go back. */
  | { readonly kind: "abort-claimed"; readonly rollout: string; readonly token: string }
  /** `exit` as of `canary abort`; null when the process did not come so far. */
  | {
      readonly kind: "abort-ended";
      readonly rollout: string;
      readonly token: string;
      readonly exit: number | null;
      readonly said: string;
    }
  | { readonly kind: "stopped"; readonly by: string };
