import { z } from "zod";

import type { Json } from "../../core/units.ts";
import { failed, ok, unknown } from "../answer.ts";
import { argvInput, describeArgv, envInput } from "../argv-input.ts";
import type { ActionDriver, Answer, CallResult, DriverContext, Request } from "../driver.ts";
import { findCommand } from "../find-command.ts";
import { lastWords, runCommand } from "../run-command.ts";

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
  call,
  permissions,
};

async function call(
  { input }: Request<RunInput>,
  context: DriverContext,
): Promise<Answer<CallResult>> {
  const result = await runCommand(input, context);
  const name = describeArgv(input.argv);
  if (!result.started) return failed(`${name}: ${result.why ?? "it did not start"}`);
  if (result.exitCode === null) return unknown(`${name}: ${result.why ?? "killed"}`);
  if (result.exitCode !== 0)
    return unknown(`${name} ended with ${result.exitCode}${lastWords(result)}`);
  return ok({ body: parsed(result.stdout) });
}

/** Whether the command can be found; what it may do when it runs cannot be told without running it. */
async function permissions(
  { input }: Request<RunInput>,
  context: DriverContext,
): Promise<readonly string[]> {
  const found = await findCommand(input, context);
  return found === null ? [] : [found];
}

function parsed(stdout: string): Json {
  try {
    return JSON.parse(stdout) as Json;
  } catch {
    return stdout;
  }
}
