import type { Json } from "../../core/units.ts";
import { failed, ok, unknown } from "../answer.ts";
import { describeArgv } from "../describe-argv.ts";
import type { Answer, CallResult, DriverContext, Request } from "../driver.ts";
import { lastWords, runCommand, type Command } from "../run-command.ts";

/** Runs the command of a `run` action once, and gives back what it printed for outputs. */
export async function callRun(
  { input }: Request<Command>,
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

function parsed(stdout: string): Json {
  try {
    return JSON.parse(stdout) as Json;
  } catch {
    return stdout;
  }
}
