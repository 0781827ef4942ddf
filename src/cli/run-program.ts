import { CommanderError } from "commander";

import type { CommandSpec } from "./command-spec.ts";
import { commandTable } from "./command-table.ts";
import { explainBug } from "./explain-bug.ts";
import { createProgram } from "./program.ts";
import { isStoreError } from "./stores/is-store-error.ts";
import { UsageError } from "./usage-error.ts";

const STORE_DOWN =
  "what became of it is not known (exit 41)\nto roll back without the store: canary abort --bundle FILE --reason …";

/** Runs one command line and gives its exit code. Never throws. */
export async function runProgram(args: readonly string[]): Promise<number> {
  let code = 0;
  const program = createProgram(commandsFor(args), (finished) => {
    code = finished;
  });
  try {
    if (args.length === 0) {
      program.outputHelp({ error: true });
      return 2;
    }
    refuseUnknownHelp(args);
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof UsageError) {
      process.stderr.write(`canary: ${error.message}\n`);
      if (error.fix !== null) process.stderr.write(`${indent(error.fix)}\n`);
      return 2;
    }
    if (isStoreError(error)) {
      process.stderr.write(`canary: ${error.message}\n${indent(STORE_DOWN)}\n`);
      return 41;
    }
    process.stderr.write(explainBug(error, args));
    return 1;
  }
}

/** The command that is named is enough, and whoever is in a hurry names one: each costs time to describe. */
function commandsFor([name]: readonly string[]): readonly CommandSpec[] {
  const named = commandTable.filter((spec) => spec.name === name);
  return named.length === 0 ? commandTable : named;
}

/** Commander shows the whole help for a command that is not there. */
function refuseUnknownHelp([first, name]: readonly string[]): void {
  if (first !== "help" || name === undefined || name.startsWith("-") || name === "help") return;
  if (commandTable.some((spec) => spec.name === name)) return;
  throw new UsageError(`unknown command ${name}`, "`canary --help` lists the commands");
}

function indent(text: string): string {
  return text
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");
}
