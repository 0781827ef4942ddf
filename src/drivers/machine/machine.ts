import type { Answer, DriverContext } from "../driver.ts";
import type { Command } from "../run-command.ts";
import { localMachine } from "./local-machine.ts";
import { sshMachine } from "./ssh-machine.ts";
import { sshOf } from "./ssh-place.ts";

/** Where files and services are: this machine, or one behind ssh. */
export interface Machine {
  /** In keys and messages: the name of this host, or `ssh/HOST`. */
  readonly name: string;
  /** A context whose processes run there. */
  readonly context: DriverContext;
  /** The real path of a file, with every symbolic link followed. */
  pinFile(path: string): Promise<Answer<string>>;
  /** The text of a file of at most 1 MiB; `failed` with `there is no file …` where there is none. */
  readText(path: string): Promise<Answer<string>>;
  /**
   * Replaces a file by an edited copy of itself in one step, with its mode and owner; a write by someone else in the
   * meantime is not lost. Nothing is written when the text stays the same.
   */
  editFile(path: string, edit: (text: string) => Answer<string>): Promise<Answer<null>>;
  /** What keeps `editFile` from working on this file; null when nothing does. Writes nothing. */
  editProblem(path: string): Promise<string | null>;
  /** Makes a file for its owner's eyes only; one that is there stays as it is. */
  makeFile(path: string, text: string): Promise<Answer<null>>;
  removeFile(path: string): Promise<Answer<null>>;
  /** Null when the command's program can be found and executed; else what is missing. */
  findCommand(command: Command): Promise<string | null>;
}

/** The machine of a call: that of its ssh connection, or else this one. */
export function machineOf(context: DriverContext): Machine {
  const ssh = sshOf(context.connection);
  return ssh === null ? localMachine(context) : sshMachine(context, ssh);
}
