import type { Change, Field, FieldValue } from "../../core/field.ts";
import { failed, ok, unknown } from "../answer.ts";
import { describeArgv } from "../describe-argv.ts";
import type {
  ActionDriver,
  Answer,
  CallResult,
  DriverContext,
  Reading,
  Request,
} from "../driver.ts";
import { machineOf, type Machine } from "../machine/machine.ts";
import { sshConnection } from "../machine/ssh-connection.ts";
import { runCommand } from "../run-command.ts";
import { serviceInput, serviceRef, type ServiceInput, type ServiceRef } from "./service-input.ts";
import { change, systemctl, unitRuns } from "./systemd.ts";

const PAUSE = 250;

type Verb = "start" | "stop" | "restart" | "reload";

/**
 * A service of this machine, or of one behind ssh. `started` and `stopped` are a field, undone to what it was before; `restarted` and
 * `reloaded` are done once, and the plan states an undo (`none` where there is nothing to undo).
 */
export const service: ActionDriver<ServiceInput> = {
  kind: "service",
  description: "starts, stops, restarts or reloads a service, here or through ssh",
  connections: [sshConnection.type],
  traffic: false,
  input: serviceInput,
  style: ({ state }) => (state === "started" || state === "stopped" ? "fields" : "call"),
  preview({ input, connectionName }) {
    const ref = refOfInput(input, "");
    const place = connectionName === null ? "" : ` on ${connectionName}`;
    const does = `${describeArgv(argvOf(ref, verbOf(input)))}${place}`;
    if (service.style(input) === "call") return [{ does, undo: "as the plan states" }];
    const back = describeArgv(argvOf(ref, input.state === "started" ? "stop" : "start"));
    return [{ does, undo: `${back}${place}, if it was so before` }];
  },
  changes: (request, context) => Promise.resolve(ok(changesOf(request, machineOf(context).name))),
  read,
  write,
  settle,
  call,
  permissions,
};

function changesOf(
  { input, connectionName: connection }: Request<ServiceInput>,
  host: string,
): readonly Change[] {
  if (service.style(input) === "call") return [];
  const ref = refOfInput(input, host);
  const target = `service/${ref.host}/${ref.user ? "user/" : ""}${ref.name}`;
  const label = `service ${ref.name} running`;
  const field: Field = { key: target, target, driver: "service", connection, ref, label };
  return [{ field, value: { present: true, value: input.state === "started" } }];
}

async function read(
  fields: readonly Field[],
  context: DriverContext,
): Promise<Answer<readonly Reading[]>> {
  const machine = machineOf(context);
  const readings: Reading[] = [];
  for (const field of fields) {
    const value = await runs(serviceRef.parse(field.ref), machine);
    if (value.kind !== "ok") return value;
    readings.push({ field, value: value.value, mark: null });
  }
  return ok(readings);
}

/** Whether it runs; a systemd unit that does not exist is absent. */
async function runs(ref: ServiceRef, { name, context }: Machine): Promise<Answer<FieldValue>> {
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

async function write(changes: readonly Change[], context: DriverContext): Promise<Answer<null>> {
  const machine = machineOf(context);
  for (const { field, value } of changes) {
    const ref = serviceRef.parse(field.ref);
    if (ref.host !== machine.name) return failed(`${ref.name} runs on ${ref.host}: run this there`);
    if (!value.present || typeof value.value !== "boolean")
      return failed(`there was no service ${ref.name} before: it can be started or stopped only`);
    const argv = argvOf(ref, value.value ? "start" : "stop");
    const answer = await change({ argv }, machine.context);
    if (answer.kind !== "ok") return answer;
  }
  return ok(null);
}

/** Waits until each service is as it was told to be. */
async function settle(changes: readonly Change[], context: DriverContext): Promise<Answer<null>> {
  const machine = machineOf(context);
  for (const { field, value } of changes) {
    const ref = serviceRef.parse(field.ref);
    for (;;) {
      const settled = await isSettled(ref, value, machine);
      if (settled.kind !== "ok") return settled;
      if (settled.value) break;
      await context.sleep(PAUSE);
    }
  }
  return ok(null);
}

async function isSettled(
  ref: ServiceRef,
  wanted: FieldValue,
  machine: Machine,
): Promise<Answer<boolean>> {
  const { context } = machine;
  if (context.signal.aborted) return unknown(`${ref.name} is not yet as it was told to be`);
  if (ref.commands === null) {
    const state = await unitRuns(ref, context);
    if (state.kind !== "ok") return state;
    return ok(state.value === (wanted.present && wanted.value === true ? "running" : "stopped"));
  }
  const live = await runs(ref, machine);
  if (live.kind !== "ok") return live;
  return ok(live.value.present && wanted.present && live.value.value === wanted.value);
}

async function call(
  { input }: Request<ServiceInput>,
  context: DriverContext,
): Promise<Answer<CallResult>> {
  const machine = machineOf(context);
  const argv = argvOf(refOfInput(input, machine.name), verbOf(input));
  const answer = await change({ argv }, machine.context);
  return answer.kind === "ok" ? ok({ body: null }) : answer;
}

async function permissions(
  { input }: Request<ServiceInput>,
  context: DriverContext,
): Promise<readonly string[]> {
  const machine = machineOf(context);
  const ref = refOfInput(input, machine.name);
  const needed =
    ref.commands === null ? [["systemctl"]] : Object.values(ref.commands).map((argv) => argv);
  const missing = new Set<string>();
  for (const argv of needed) {
    const problem = await machine.findCommand({ argv });
    if (problem !== null) missing.add(problem);
  }
  if (missing.size > 0) return [...missing];
  const state = await runs(ref, machine);
  if (state.kind !== "ok") return [state.why];
  return state.value.present ? [] : [`there is no systemd unit ${ref.name}`];
}

function refOfInput(input: ServiceInput, host: string): ServiceRef {
  return {
    host,
    name: input.name,
    user: input.user ?? false,
    commands: input.commands ?? null,
  };
}

function verbOf({ state }: ServiceInput): Verb {
  const verbs = { started: "start", stopped: "stop", restarted: "restart", reloaded: "reload" };
  return verbs[state] as Verb;
}

function argvOf(ref: ServiceRef, verb: Verb): readonly string[] {
  if (ref.commands === null) return systemctl(ref, verb);
  return ref.commands[verb] ?? ref.commands.start;
}
