import { failed, ok, unknown } from "../answer.ts";
import { describeArgv } from "../describe-argv.ts";
import type { Answer, DriverContext } from "../driver.ts";
import type { Command } from "../run-command.ts";
import { lastWords, runCommand } from "../run-command.ts";

/** A unit of systemd, of the machine or of the user. */
export interface Unit {
  readonly name: string;
  readonly user: boolean;
}

export function systemctl(unit: Unit, verb: string): readonly string[] {
  return ["systemctl", ...(unit.user ? ["--user"] : []), "--no-ask-password", verb, unit.name];
}

/** Runs a command that changes something: `failed` only where it certainly did not begin or was not allowed. */
export async function change(command: Command, context: DriverContext): Promise<Answer<null>> {
  const result = await runCommand(command, context);
  const name = describeArgv(command.argv);
  if (!result.started) return failed(`${name}: ${result.why ?? "it did not start"}`);
  if (result.exitCode === 0) return ok(null);
  if (result.exitCode === null) return unknown(`${name}: ${result.why ?? "killed"}`);
  const why = `${name} ended with ${result.exitCode}${lastWords(result)}`;
  const refused =
    command.argv[0] === "systemctl" &&
    /not found|not loaded|access denied|authentication/i.test(result.stderr);
  return refused ? failed(why) : unknown(why);
}

/** Whether a unit runs: `active`, also while it reloads or comes up; null when there is no such unit. */
export async function unitRuns(
  unit: Unit,
  context: DriverContext,
): Promise<Answer<"running" | "starting" | "stopped" | null>> {
  const argv = [...systemctl(unit, "show"), "--property=LoadState,ActiveState"];
  const result = await runCommand({ argv }, context);
  if (result.exitCode !== 0) {
    const why = `${describeArgv(argv)}: ${result.why ?? `ended with ${result.exitCode}`}${lastWords(result)}`;
    return result.exitCode === null && result.started ? unknown(why) : failed(why);
  }
  const load = /^LoadState=(.*)$/m.exec(result.stdout)?.[1];
  const active = /^ActiveState=(.*)$/m.exec(result.stdout)?.[1];
  if (load === "not-found") return ok(null);
  if (active === "active" || active === "reloading" || active === "refreshing")
    return ok("running");
  return ok(active === "activating" ? "starting" : "stopped");
}
