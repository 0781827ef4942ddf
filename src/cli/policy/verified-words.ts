import { basename, dirname } from "node:path";

import { readRollout } from "../../engine/read-rollout.ts";
import type { AllowedSigner } from "../../evidence/allowed-signers.ts";
import { problem, type Finding } from "../../evidence/finding.ts";
import { verifyWords } from "../../policy/verify-words.ts";
import { createFileStore } from "../../store/file-store.ts";

export interface WordFindings {
  readonly findings: readonly Finding[];
  /** Whose signed words are in it, and about what. */
  readonly signed: readonly string[];
}

/** Checks the signatures of people in the evidence of a rollout. What cannot be read was told before. Never throws. */
export async function verifiedWords(
  folder: string,
  signers: readonly AllowedSigner[] | null,
): Promise<WordFindings> {
  const [where, rollout] = [dirname(folder), basename(folder)];
  const read = await readRollout(createFileStore(where), where, rollout).catch(() => null);
  if (read === null || "missing" in read) return { findings: [], signed: [] };
  const { problems, signed } = verifyWords({ ...read, rollout, signers });
  return { findings: problems.map((what) => problem("journal", what)), signed };
}
