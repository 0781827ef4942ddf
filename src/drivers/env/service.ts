import type { Change, Field, FieldValue } from "../../core/field.ts";
import { ok, unknown } from "../answer.ts";
import { describeArgv } from "../describe-argv.ts";
import type { ActionDriver, Answer, CallResult, DriverContext, Request } from "../driver.ts";
import { machineOf, type Machine } from "../machine/machine.ts";
import { sshConnection } from "../machine/ssh-connection.ts";
import { argvOf, serviceRefOf, type ServiceRef, type ServiceVerb } from "./service-field.ts";
import { serviceInput, type ServiceInput } from "./service-input.ts";
import { readServices, runs, writeServices } from "./service-state.ts";
import { change, unitRuns } from "./systemd.ts";

const PAUSE = 250;

/**
 * A service of this machine, or of one behind ssh. `started` and `stopped` are a field, undone to what it was before;
 * `restarted` and `reloaded` are done once, and the plan states an undo (`none` where there is nothing to undo).
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
  read: readServices,
  write: writeServices,
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

/** Waits until each service is as it was told to be. */
async function settle(changes: readonly Change[], context: DriverContext): Promise<Answer<null>> {
  const machine = machineOf(context);
  for (const { field, value } of changes) {
    const ref = serviceRefOf(field);
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

function verbOf({ state }: ServiceInput): ServiceVerb {
  const verbs = { started: "start", stopped: "stop", restarted: "restart", reloaded: "reload" };
  return verbs[state] as ServiceVerb;
}
