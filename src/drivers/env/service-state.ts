import type { Change, Field, FieldValue } from "../../core/field.ts";
import { failed, ok, unknown } from "../answer.ts";
import { describeArgv } from "../describe-argv.ts";
import type { Answer, DriverContext, Reading } from "../driver.ts";
import { machineOf, type Machine } from "../machine/machine.ts";
import { runCommand } from "../run-command.ts";
import { argvOf, serviceRefOf, type ServiceRef } from "./service-field.ts";
import { change, unitRuns } from "./systemd.ts";

/** Reads whether each service runs. */
export async function readServices(
  fields: readonly Field[],
  context: DriverContext,
): Promise<Answer<readonly Reading[]>> {
  const machine = machineOf(context);
  const readings: Reading[] = [];
  for (const field of fields) {
    const value = await runs(serviceRefOf(field), machine);
    if (value.kind !== "ok") return value;
    readings.push({ field, value: value.value, mark: null });
  }
  return ok(readings);
}

/** Whether it runs; a systemd unit that does not exist is absent. */
export async function runs(
  ref: ServiceRef,
  { name, context }: Machine,
): Promise<Answer<FieldValue>> {
  if (ref.host !== name)
    return failed(`${ref.name} runs on ${ref.host}, and this is ${name}: run this there`);
  if (ref.commands === null) {
    const state = await unitRuns(ref, context);
    if (state.kind !== "ok") return state;
    if (state.value === null) return ok({ present: false });
    return ok({ present: true, value: state.value !== "stopped" });
  }
  const result = await runCommand({ argv: ref.commands.running }, context);
  if (result.exitCode !== null) return ok({ present: true, value: result.exitCode === 0 });
  const why = `${describeArgv(ref.commands.running)}: ${result.why ?? "killed"}`;
  return result.started ? unknown(why) : failed(why);
}

/** Starts or stops each service. */
export async function writeServices(
  changes: readonly Change[],
  context: DriverContext,
): Promise<Answer<null>> {
  const machine = machineOf(context);
  for (const { field, value } of changes) {
    const ref = serviceRefOf(field);
    if (ref.host !== machine.name) return failed(`${ref.name} runs on ${ref.host}: run this there`);
    if (!value.present || typeof value.value !== "boolean")
      return failed(`there was no service ${ref.name} before: it can be started or stopped only`);
    const argv = argvOf(ref, value.value ? "start" : "stop");
    const answer = await change({ argv }, machine.context);
    if (answer.kind !== "ok") return answer;
  }
  return ok(null);
}
