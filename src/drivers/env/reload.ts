import { failed, ok } from "../answer.ts";
import { describeArgv } from "../describe-argv.ts";
import type { Answer, DriverContext } from "../driver.ts";
import type { Machine } from "../machine/machine.ts";
import type { Reload } from "./reload-input.ts";
import { change, systemctl, unitRuns, type Unit } from "./systemd.ts";

const PAUSE = 250;

export function describeReload(reload: Reload): string {
  return describeArgv(argvOf(reload));
}

/** Tells the service. After an edit that succeeded its failure leaves the outcome open: the new value may be in force. */
export async function runReload(reload: Reload, context: DriverContext): Promise<Answer<null>> {
  return await change({ argv: argvOf(reload) }, context);
}

/** Waits until a systemd unit runs again; a command is over when it ended. */
export async function settleReload(reload: Reload, context: DriverContext): Promise<Answer<null>> {
  const unit = unitOf(reload);
  if (unit === null) return ok(null);
  for (;;) {
    const state = await unitRuns(unit, context);
    if (state.kind !== "ok") return state;
    if (state.value === "running") return ok(null);
    if (state.value !== "starting")
      return failed(`${unit.name} does not run after its reload: journalctl -u ${unit.name}`);
    await context.sleep(PAUSE);
  }
}

/** What stands in the way of a reload, in words; empty when nothing does. Reads only. */
export async function reloadProblems(
  reload: Reload,
  machine: Pick<Machine, "context" | "findCommand">,
): Promise<readonly string[]> {
  const missing = await machine.findCommand({ argv: argvOf(reload) });
  if (missing !== null) return [missing];
  const unit = unitOf(reload);
  if (unit === null) return [];
  const state = await unitRuns(unit, machine.context);
  if (state.kind !== "ok") return [state.why];
  return state.value === null ? [`there is no systemd unit ${unit.name}`] : [];
}

function argvOf(reload: Reload): readonly string[] {
  if (!("systemd" in reload)) return reload;
  const verb = reload.restart === true ? "restart" : "reload";
  return systemctl(
    { name: reload.systemd, user: reload.user ?? false },
    reload.orRestart === true ? "reload-or-restart" : verb,
  );
}

function unitOf(reload: Reload): Unit | null {
  return "systemd" in reload ? { name: reload.systemd, user: reload.user ?? false } : null;
}
