import { CommanderError } from "commander";

import { explainBug } from "./explain-bug.ts";
import { createProgram } from "./program.ts";
import { UsageError } from "./usage-error.ts";

/** Runs one command line and gives its exit code. Never throws. */
export async function runProgram(args: readonly string[]): Promise<number> {
  let code = 0;
  const program = createProgram((finished) => {
    code = finished;
  });
  try {
    if (args.length === 0) {
      program.outputHelp({ error: true });
      return 2;
    }
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof UsageError) {
      process.stderr.write(`canary: ${error.message}\n`);
      if (error.fix !== null) process.stderr.write(`${indent(error.fix)}\n`);
      return 2;
    }
    process.stderr.write(explainBug(error, args));
    return 1;
  }
}

function indent(text: string): string {
  return text
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");
}
