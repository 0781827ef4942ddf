import { join } from "node:path";

import { readRollout } from "../engine/read-rollout.ts";
import type { ReadText } from "../engine/read-text.ts";
import { writeManifest } from "../evidence/manifest.ts";
import type { SigningKey } from "../evidence/signing-key.ts";
import { writeFileAtomic } from "../evidence/write-file.ts";
import { renderReport } from "../report/report-markdown.ts";
import type { Store } from "../store/store.ts";

/** Writes the report of a rollout that ended, then the signed list of every file in its folder. */
export async function sealRollout(
  store: Store,
  evidence: string,
  rollout: string,
  key: SigningKey,
  readEvidence: ReadText,
): Promise<void> {
  const folder = join(evidence, rollout);
  const read = await readRollout(store, evidence, rollout, readEvidence);
  if (!("missing" in read)) await writeFileAtomic(join(folder, "report.md"), renderReport(read));
  await writeManifest(folder, rollout, key, new Date().toISOString());
}
