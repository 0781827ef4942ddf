import { open, rm } from "node:fs/promises";
import { hostname } from "node:os";

import { failed, ok } from "../answer.ts";
import type { Answer, DriverContext } from "../driver.ts";
import { editFile, editProblem, pinFile, readText } from "../edit-file.ts";
import { findCommand } from "../find-command.ts";
import type { Machine } from "./machine.ts";

/** The machine that this process runs on. */
export function localMachine(context: DriverContext): Machine {
  return {
    name: hostname(),
    context,
    pinFile,
    async readText(path) {
      const read = await readText(path);
      return read.kind === "ok" ? ok(read.value.text) : read;
    },
    editFile: (path, edit) => editFile(path, edit, context.signal),
    editProblem,
    makeFile,
    async removeFile(path) {
      await rm(path, { force: true });
      return ok(null);
    },
    findCommand: (command) => findCommand(command, context),
  };
}

async function makeFile(path: string, text: string): Promise<Answer<null>> {
  try {
    const file = await open(path, "wx", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    return ok(null);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return ok(null);
    return failed(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
