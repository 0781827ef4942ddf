import type { DriverContext } from "./driver.ts";
import type { ExecResult } from "./exec.ts";

export interface Command {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly cwd?: string | undefined;
}

/** Runs a command of the plan with its references resolved. A reference without a value is a command that never started. */
export async function runCommand(command: Command, context: DriverContext): Promise<ExecResult> {
  try {
    const argv = command.argv.map((each) => context.resolve(each));
    const env = Object.entries(command.env ?? {}).map(([name, value]): [string, string] => [
      name,
      context.resolve(value),
    ]);
    return await context.exec(argv, {
      signal: context.signal,
      env: Object.fromEntries(env),
      ...(command.cwd === undefined ? {} : { cwd: context.resolve(command.cwd) }),
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { exitCode: null, stdout: "", stderr: "", why, started: false };
  }
}

/** The last words of a command, for a message: its error output, or else what it printed. */
export function lastWords(result: ExecResult): string {
  const text = result.stderr.trim() === "" ? result.stdout : result.stderr;
  const last = text.trim().split("\n").slice(-3).join(" ").slice(-300);
  return last === "" ? "" : `: ${last}`;
}
