import { join, resolve } from "node:path";

import { stateDir } from "../../store/state-dir.ts";

/** The audit trail that `--audit` names, or the usual one. */
export function auditFile(option: string | undefined): string {
  return resolve(option ?? join(stateDir(), "serve", "audit.ndjson"));
}
