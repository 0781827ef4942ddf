import { z } from "zod";

import { failed, ok } from "../answer.ts";
import { argvInput, envInput } from "../argv-input.ts";
import { describeArgv } from "../describe-argv.ts";
import type { ActionDriver, DriverContext, Request } from "../driver.ts";
import { findCommand } from "../find-command.ts";
import { callRun } from "./call-run.ts";

const long = z.strictObject({
  argv: argvInput,
  env: envInput.optional(),
  cwd: z.string().optional().describe("the folder it runs in"),
});

const runInput = z
  .union([argvInput, long], {
    error: ({ input }) =>
      typeof input === "string"
        ? "no shell here: write a list like [gh, run, list]; `>` is `as:`"
        : "write the command as a list like [gh, run, list], or { argv: [...], env, cwd }",
  })
  .transform((input): z.infer<typeof long> => ("argv" in input ? input : { argv: input }));

export type RunInput = z.infer<typeof runInput>;

/**
 * A command, run once. What it changes is not known, so the plan states its undo. An exit code other than 0 is
 * `unknown` rather than `failed`: a script that fails half-way has done its first half.
 */
export const run: ActionDriver<RunInput> = {
  kind: "run",
  description: "runs a command, given as a list; no shell reads it",
  connections: [],
  traffic: false,
  input: runInput,
  style: () => "call",
  preview: ({ input }) => [{ does: describeArgv(input.argv), undo: "as the plan states" }],
  changes: () => Promise.resolve(ok([])),
  read: () => Promise.resolve(ok([])),
  write: () => Promise.resolve(failed("a command writes no fields")),
  settle: () => Promise.resolve(ok(null)),
  call: callRun,
  permissions,
};

/** Whether the command can be found; what it may do when it runs cannot be told without running it. */
async function permissions(
  { input }: Request<RunInput>,
  context: DriverContext,
): Promise<readonly string[]> {
  const found = await findCommand(input, context);
  return found === null ? [] : [found];
}
