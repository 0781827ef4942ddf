import { z } from "zod";

import type { Json } from "../../core/units.ts";
import { failed, ok } from "../answer.ts";
import type { ActionDriver, Answer, CallResult, DriverContext, Request } from "../driver.ts";
import { findCommand } from "../find-command.ts";
import { missingNeeds } from "./can-i.ts";
import { kubectlConnection } from "./connection.ts";
import { describeKubectl, kubectlArgv } from "./kubectl-argv.ts";
import { needsOfArgv } from "./needs-of-argv.ts";
import { readFailure } from "./read-failure.ts";
import { execKubectl } from "./run-kubectl.ts";

const long = z.strictObject({
  argv: kubectlArgv,
  stdin: z.string().optional().describe("what it reads from its standard input, as for `-f -`"),
});

const kubectlInput = z
  .union([kubectlArgv, long], {
    error: ({ input }) =>
      typeof input === "string"
        ? "no shell here: write a list like [create, job, migrate, --from=cronjob/migrate]"
        : "write the command as a list like [rollout, restart, deployment/api], or { argv: [...], stdin }",
  })
  .transform((input): z.infer<typeof long> => ("argv" in input ? input : { argv: input }));

export type KubectlInput = z.infer<typeof kubectlInput>;

/**
 * Any kubectl command, run once. What it changes is not known, so the plan states its undo. It failed where the API
 * server said no; where that is not certain its outcome is unknown.
 */
export const kubectlAction: ActionDriver<KubectlInput> = {
  kind: "kubectl",
  description: "runs a kubectl command, given as a list; no shell reads it",
  connections: [kubectlConnection.type],
  traffic: false,
  input: kubectlInput,
  style: () => "call",
  preview: ({ input }) => [{ does: describeKubectl(input.argv), undo: "as the plan states" }],
  changes: () => Promise.resolve(ok([])),
  read: () => Promise.resolve(ok([])),
  write: () => Promise.resolve(failed("a kubectl command writes no fields")),
  settle: () => Promise.resolve(ok(null)),
  call,
  permissions,
};

async function call(
  { input }: Request<KubectlInput>,
  context: DriverContext,
): Promise<Answer<CallResult>> {
  let argv: readonly string[];
  let stdin: string | undefined;
  try {
    argv = input.argv.map((each) => context.resolve(each));
    stdin = input.stdin === undefined ? undefined : context.resolve(input.stdin);
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
  const result = await execKubectl(argv, context, stdin);
  if (result.exitCode === 0) return ok({ body: parsed(result.stdout) });
  const failure = readFailure(result);
  return { ...failure, why: `${describeKubectl(input.argv)}: ${failure.why}` };
}

async function permissions(
  { input }: Request<KubectlInput>,
  context: DriverContext,
): Promise<readonly string[]> {
  const found = await findCommand({ argv: ["kubectl"] }, context);
  if (found !== null) return [`${found}: install it (https://kubernetes.io/docs/tasks/tools/)`];
  return await missingNeeds(needsOfArgv(input.argv), context);
}

function parsed(stdout: string): Json {
  try {
    return JSON.parse(stdout) as Json;
  } catch {
    return stdout;
  }
}
