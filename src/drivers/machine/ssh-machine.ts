import { createHash } from "node:crypto";

import { failed, ok, unknown } from "../answer.ts";
import { describeArgv } from "../describe-argv.ts";
import type { Answer, DriverContext } from "../driver.ts";
import type { ExecResult } from "../exec.ts";
import type { Command } from "../run-command.ts";
import type { Machine } from "./machine.ts";
import { remoteScripts } from "./remote-scripts.ts";
import type { SshConfig } from "./ssh-connection.ts";
import { sshExec } from "./ssh-exec.ts";
import { sshName } from "./ssh-place.ts";

/** How often an edit starts again because someone else wrote the file meanwhile. */
const ATTEMPTS = 5;
/** A script ends so when it certainly changed nothing, and says why on its error output. */
const SAID_NO = 64;
/** Someone else wrote the file since it was read. */
const MOVED = 65;

type Run = (script: string, args: readonly string[], input?: string) => Promise<ExecResult>;

/** A machine behind ssh. It needs a POSIX shell and the coreutils there, and nothing of ours. */
export function sshMachine(outer: DriverContext, config: SshConfig): Machine {
  const name = sshName(config);
  const context: DriverContext = { ...outer, exec: sshExec(outer.exec, config) };
  const run: Run = (script, args, input) =>
    context.exec(["sh", "-c", script, "canary", ...args], {
      signal: context.signal,
      ...(input === undefined ? {} : { input }),
    });
  const read = async (path: string): Promise<Answer<Buffer>> => {
    const result = await run(remoteScripts.read, [path]);
    return result.exitCode === 0
      ? ok(Buffer.from(result.stdout, "base64"))
      : failed(whyOf(result, name));
  };
  return {
    name,
    context,
    async pinFile(path) {
      const result = await run(remoteScripts.pin, [path]);
      return result.exitCode === 0
        ? ok(result.stdout.replace(/\n$/, ""))
        : failed(whyOf(result, name));
    },
    async readText(path) {
      const bytes = await read(path);
      return bytes.kind === "ok" ? textOf(bytes.value, path) : bytes;
    },
    editFile: (path, edit) => editThere({ path, edit, name, read, run }),
    async editProblem(path) {
      const result = await run(remoteScripts.mayEdit, [path]);
      return result.exitCode === 0 ? null : whyOf(result, name);
    },
    async makeFile(path, text) {
      return answerOf(await run(remoteScripts.make, [path], base64(text)), name);
    },
    async removeFile(path) {
      return answerOf(await run(remoteScripts.remove, [path]), name);
    },
    findCommand: (command) => findThere(command, context, name, run),
  };
}

interface Edit {
  readonly path: string;
  readonly edit: (text: string) => Answer<string>;
  readonly name: string;
  readonly read: (path: string) => Promise<Answer<Buffer>>;
  readonly run: Run;
}

async function editThere({ path, edit, name, read, run }: Edit): Promise<Answer<null>> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const bytes = await read(path);
    if (bytes.kind !== "ok") return bytes;
    const text = textOf(bytes.value, path);
    const edited = text.kind === "ok" ? edit(text.value) : text;
    if (edited.kind !== "ok") return edited;
    if (text.kind === "ok" && edited.value === text.value) return ok(null);
    const was = createHash("sha256").update(bytes.value).digest("hex");
    const result = await run(remoteScripts.replace, [path, was], base64(edited.value));
    if (result.exitCode !== MOVED) return answerOf(result, name);
  }
  return failed(`${path} on ${name} is written by someone else all the time`);
}

function textOf(bytes: Buffer, path: string): Answer<string> {
  const text = bytes.toString("utf8");
  return Buffer.from(text, "utf8").equals(bytes) ? ok(text) : failed(`${path} is no UTF-8 text`);
}

async function findThere(
  { argv, cwd, env }: Command,
  context: DriverContext,
  name: string,
  run: Run,
): Promise<string | null> {
  try {
    const program = context.resolve(argv[0] ?? "");
    const path = env?.["PATH"] === undefined ? "" : context.resolve(env["PATH"]);
    const result = await run(remoteScripts.find, [program, context.resolve(cwd ?? ""), path]);
    return result.exitCode === 0 ? null : whyOf(result, name);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function answerOf(result: ExecResult, name: string): Answer<null> {
  if (result.exitCode === 0) return ok(null);
  const certain = !result.started || result.exitCode === SAID_NO;
  return certain ? failed(whyOf(result, name)) : unknown(whyOf(result, name));
}

function whyOf({ stderr, why, exitCode }: ExecResult, name: string): string {
  if (why !== null) return why;
  const words = stderr.trim().split("\n").at(-1) ?? "";
  return `${words === "" ? `${describeArgv(["sh"])} ended with ${exitCode}` : words} (${name})`;
}

function base64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}
