/** Why a request was refused: a closed list, for whoever reads the audit trail by machine. */
export type RefusalKind =
  | "unknown-path"
  | "wrong-method"
  | "cross-site"
  | "no-token"
  | "unknown-token"
  | "expired-token"
  | "used-token"
  | "wrong-role"
  | "wrong-operator"
  | "not-json"
  | "too-large"
  | "malformed"
  | "not-confirmed"
  | "no-rollout"
  | "several-rollouts"
  | "not-aborted"
  | "bug";

/** A request that changes nothing. */
export interface Refusal {
  readonly kind: "refused";
  readonly status: number;
  readonly why: RefusalKind;
  /** What is wrong and what to send instead; goes out and into the audit trail, so it never holds a token. */
  readonly text: string;
  /** Further keys of the answer. */
  readonly more?: Readonly<Record<string, unknown>>;
  /** The methods that a 405 names. */
  readonly allow?: string;
}

/** A refusal. */
export function refuse(
  status: number,
  why: RefusalKind,
  text: string,
  more: Readonly<Record<string, unknown>> = {},
): Refusal {
  return { kind: "refused", status, why, text, more };
}
