import { z } from "zod";

import { argvInput, envInput } from "../argv-input.ts";
import { describeArgv } from "../describe-argv.ts";
import type { DriverContext, EvidenceDriver, EvidenceResult } from "../driver.ts";
import { machineOf } from "../machine/machine.ts";
import { sshConnection } from "../machine/ssh-connection.ts";
import { lastWords, runCommand } from "../run-command.ts";

const runEvidence = z.strictObject({
  run: argvInput,
  env: envInput.optional(),
  cwd: z.string().optional().describe("the folder it runs in"),
});

export type RunEvidenceInput = z.infer<typeof runEvidence>;

/** What a command prints, kept as it is. A command that fails has shown nothing. */
export const runOutput: EvidenceDriver<RunEvidenceInput> = {
  kind: "run",
  description: "keeps what a command prints",
  connections: [sshConnection.type],
  input: runEvidence,
  preview: ({ run }) => describeArgv(run),
  take,
};

async function take(input: RunEvidenceInput, context: DriverContext): Promise<EvidenceResult> {
  const { run, env, cwd } = input;
  const result = await runCommand({ argv: run, env, cwd }, machineOf(context).context);
  if (result.exitCode === 0) return { kind: "taken", content: result.stdout };
  const why = result.why ?? `ended with ${result.exitCode ?? "a signal"}${lastWords(result)}`;
  return { kind: "missing", why: `${describeArgv(run)}: ${why}` };
}
