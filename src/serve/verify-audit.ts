import { readFile } from "node:fs/promises";

import { openEnvelope } from "../evidence/dsse.ts";
import { AUDIT_HEAD, auditHeadPath } from "./audit-head.ts";
import { parseAudit } from "./parse-audit.ts";

export interface VerifiedAudit {
  readonly ok: boolean;
  readonly lines: number;
  readonly problems: readonly string[];
  /** Fingerprint of the key that signed its end; null when nobody did. */
  readonly signedBy: string | null;
  /** Hash of the newest line, to be compared with what the server printed. */
  readonly head: string | null;
}

/**
 * Checks an audit trail: each line is linked to the one before, and the signed head names a line that is there. `trusted`
 * are fingerprints of keys; empty accepts any. Throws when there is no such file.
 */
export async function verifyAudit(
  path: string,
  trusted: readonly string[],
): Promise<VerifiedAudit> {
  const { hashes, problems, torn } = parseAudit(await readFile(path, "utf8"));
  const signed = openEnvelope(await readFile(auditHeadPath(path), "utf8").catch(() => ""));
  const found = [
    ...problems,
    ...(torn === null ? [] : ["its last line is only a half one"]),
    ...headProblems(signed, hashes),
  ];
  if (signed !== null && trusted.length > 0 && !trusted.includes(signed.keyid))
    found.push(`its end is signed by a stranger, key ${signed.keyid}`);
  return {
    ok: found.length === 0,
    lines: hashes.size,
    problems: found,
    signedBy: signed?.keyid ?? null,
    head: hashes.get(hashes.size) ?? null,
  };
}

/** A crash between a line and its head leaves the head one behind; a cut tail leaves it ahead. */
function headProblems(
  signed: ReturnType<typeof openEnvelope>,
  hashes: ReadonlyMap<number, string>,
): readonly string[] {
  if (signed === null) return ["its end is not signed, or the signature is damaged"];
  const { predicateType, predicate, subject } = signed.statement;
  const seq = Number(predicate["seq"]);
  if (predicateType !== AUDIT_HEAD) return ["its end is signed as something else"];
  const hash = hashes.get(seq);
  if (hash === undefined) return [`line ${seq}, which was signed, is gone`];
  if (hash !== subject[0]?.digest.sha256) return [`line ${seq} is not the one that was signed`];
  return hashes.size - seq > 1 ? [`${hashes.size - seq} lines follow the signed one`] : [];
}
