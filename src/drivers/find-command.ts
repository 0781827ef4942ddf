import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { delimiter, isAbsolute, join, resolve } from "node:path";

import type { DriverContext } from "./driver.ts";
import type { Command } from "./run-command.ts";

/** Null when the command's program can be found and executed; else what is missing. Runs nothing. */
export async function findCommand(
  command: Command,
  context: Pick<DriverContext, "resolve">,
): Promise<string | null> {
  let program: string;
  let cwd: string;
  let path: string;
  try {
    program = context.resolve(command.argv[0] ?? "");
    cwd = context.resolve(command.cwd ?? ".");
    path = context.resolve(command.env?.["PATH"] ?? process.env["PATH"] ?? "");
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  if (program.includes("/")) {
    const file = isAbsolute(program) ? program : resolve(cwd, program);
    return (await isExecutable(file)) ? null : `${file} is no executable file`;
  }
  for (const folder of path.split(delimiter)) {
    if (folder !== "" && (await isExecutable(join(folder, program)))) return null;
  }
  return `${program} was not found on the PATH`;
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
