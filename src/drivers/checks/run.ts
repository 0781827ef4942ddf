import { z } from "zod";

import { argvInput, envInput } from "../argv-input.ts";
import { describeArgv } from "../describe-argv.ts";
import type { CheckDriver, CheckResult, DriverContext } from "../driver.ts";
import { machineOf } from "../machine/machine.ts";
import { sshConnection } from "../machine/ssh-connection.ts";
import { lastWords, runCommand } from "../run-command.ts";
import { textPatternInput } from "../text-pattern-input.ts";
import { matcherOf } from "../text-pattern.ts";

const runCheck = z.strictObject({
  run: argvInput,
  env: envInput.optional(),
  cwd: z.string().optional().describe("the folder it runs in"),
  expect: z
    .strictObject({
      exitCode: z.int().min(0).max(255).optional().describe("without it 0"),
      stdout: textPatternInput
        .optional()
        .describe("what it prints, without the spaces around it, or /a pattern/ in it"),
    })
    .optional()
    .describe("what it must end with and print"),
});

export type RunCheckInput = z.infer<typeof runCheck>;

/** A command whose exit code and output tell. One that cannot start or is killed is an error: nothing was checked. */
export const run: CheckDriver<RunCheckInput> = {
  kind: "run",
  description: "runs a command and looks at its exit code and output",
  connections: [sshConnection.type],
  input: runCheck,
  preview: (input) => describeArgv(input.run),
  run: check,
};

async function check(input: RunCheckInput, context: DriverContext): Promise<CheckResult> {
  const name = describeArgv(input.run);
  const command = { argv: input.run, env: input.env, cwd: input.cwd };
  const result = await runCommand(command, machineOf(context).context);
  const body = result.stderr === "" ? result.stdout : `${result.stdout}${result.stderr}`;
  if (result.exitCode === null)
    return { kind: "error", detail: `${name}: ${result.why ?? "it was killed"}`, body };
  const wanted = input.expect?.exitCode ?? 0;
  if (result.exitCode !== wanted) {
    const detail = `${name} ended with ${result.exitCode}, expected ${wanted}${lastWords(result)}`;
    return { kind: "fail", detail, body };
  }
  const expected = input.expect?.stdout;
  const printed = result.stdout.trim();
  if (expected !== undefined && !isAsExpected(expected, printed, context)) {
    const detail = `${name} printed ${printed.slice(0, 120) || "nothing"}, expected ${expected}`;
    return { kind: "fail", detail, body };
  }
  const detail = `${name} ended with ${result.exitCode}`;
  return { kind: "pass", detail, body, answer: result.stdout };
}

/** A reference without a value is nothing that a command could print. */
function isAsExpected(expected: string, printed: string, context: DriverContext): boolean {
  try {
    return matcherOf(context.resolve(expected))?.(printed) === true;
  } catch {
    return false;
  }
}
