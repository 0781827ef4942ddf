import { signStatement, type Statement } from "../evidence/dsse.ts";
import type { SigningKey } from "../evidence/signing-key.ts";
import { writeFileAtomic } from "../evidence/write-file.ts";

/** What the signed head says: this line stood in the audit trail, so it can not be cut off before it unseen. */
export const AUDIT_HEAD = "https://canary-rollout.dev/audit-head/v1";

export interface AuditHead {
  readonly seq: number;
  readonly hash: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** Where the head of an audit trail lies. */
export function auditHeadPath(audit: string): string {
  return `${audit}.head.json`;
}

/** Signs the newest line and writes that beside the trail. */
export async function writeAuditHead(
  audit: string,
  key: SigningKey,
  { seq, hash, at }: AuditHead,
): Promise<void> {
  const statement: Statement = {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: `audit#${seq}`, digest: { sha256: hash } }],
    predicateType: AUDIT_HEAD,
    predicate: { seq, at },
  };
  await writeFileAtomic(
    auditHeadPath(audit),
    `${JSON.stringify(signStatement(key, statement), null, 2)}\n`,
    { mode: 0o600 },
  );
}
