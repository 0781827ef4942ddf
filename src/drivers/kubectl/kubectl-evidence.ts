import { z } from "zod";

import type { DriverContext, EvidenceDriver, EvidenceResult } from "../driver.ts";
import { missingNeeds } from "./can-i.ts";
import { kubectlConnection } from "./connection.ts";
import { describeKubectl, kubectlArgv } from "./kubectl-argv.ts";
import { needsOfArgv } from "./needs-of-argv.ts";
import { readFailure } from "./read-failure.ts";
import { execKubectl } from "./run-kubectl.ts";

const kubectlEvidenceInput = z.strictObject({ kubectl: kubectlArgv });

export type KubectlEvidenceInput = z.infer<typeof kubectlEvidenceInput>;

/** What a kubectl command prints, kept as it is. */
export const kubectlEvidence: EvidenceDriver<KubectlEvidenceInput> = {
  kind: "kubectl",
  description: "keeps what a kubectl command prints",
  connections: [kubectlConnection.type],
  input: kubectlEvidenceInput,
  preview: ({ kubectl }) => describeKubectl(kubectl),
  permissions: ({ kubectl }, context) => missingNeeds(needsOfArgv(kubectl), context),
  take,
};

async function take(
  { kubectl }: KubectlEvidenceInput,
  context: DriverContext,
): Promise<EvidenceResult> {
  try {
    const argv = kubectl.map((each) => context.resolve(each));
    const result = await execKubectl(argv, context);
    if (result.exitCode === 0) return { kind: "taken", content: result.stdout };
    return { kind: "missing", why: `${describeKubectl(kubectl)}: ${readFailure(result).why}` };
  } catch (error) {
    return { kind: "missing", why: error instanceof Error ? error.message : String(error) };
  }
}
