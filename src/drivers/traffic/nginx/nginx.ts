import type { Change } from "../../../core/field.ts";
import { failed, ok, unknown } from "../../answer.ts";
import { describeArgv } from "../../describe-argv.ts";
import type { ActionDriver, Answer, DriverContext, Request } from "../../driver.ts";
import { describeReload, settleReload } from "../../env/reload.ts";
import { machineOf } from "../../machine/machine.ts";
import { sshConnection } from "../../machine/ssh-connection.ts";
import { refOf, valuesOf, type NginxRef } from "./nginx-field.ts";
import { nginxInput, type NginxInput } from "./nginx-input.ts";
import { placesOf, wantedOf } from "./nginx-places.ts";
import { nginxProblems } from "./nginx-problems.ts";
import { placesIn, readNginx } from "./read-nginx.ts";
import { hasReloaded } from "./workers.ts";
import { writeNginx } from "./write-nginx.ts";

const TEST = ["nginx", "-t"];
const RELOAD = ["nginx", "-s", "reload"];
const PID = "/run/nginx.pid";
const PAUSE = 100;

/**
 * Shifts traffic by the weights of an upstream's servers, or by the percentage of a `split_clients` block: edits the file,
 * tests the configuration, reloads, and waits until workers with the new one are there. Everything else in the file stays
 * to the byte.
 * https://nginx.org/en/docs/http/ngx_http_upstream_module.html#server
 */
export const nginx: ActionDriver<NginxInput> = {
  kind: "nginx",
  description:
    "shifts traffic by the weights of an upstream of nginx, or by its split_clients: edits, tests, reloads",
  connections: [sshConnection.type],
  traffic: true,
  input: nginxInput,
  refuses: {
    sticky: {
      why: "free nginx keeps nobody on a server by weights",
      fix: "remove it, and use a `split_clients` of a visitor's cookie or address: who is in at 5 % is in at 50 %",
    },
  },
  style: () => "fields",
  preview: ({ input, share, connectionName }) => {
    const place = connectionName === null ? "" : ` on ${connectionName}`;
    const then = `, then ${describeArgv(input.test ?? TEST)}, then ${describeReload(input.reload ?? RELOAD)}`;
    const wanted = wantedOf(input, share ?? 0, {});
    const set =
      wanted.kind === "ok"
        ? Object.entries(wanted.value).map(([name, text]) => `${name} ${text?.trim() ?? "gone"}`)
        : [wanted.why];
    return [
      {
        does: `in ${input.file}${place}: ${set.join(", ")}${then}`,
        undo: `the texts before${then}`,
      },
    ];
  },
  changes: changesOf,
  read: readNginx,
  write: writeNginx,
  settle,
  call: () => Promise.resolve(failed("nginx is not called, its file is edited")),
  permissions: async (request, context) => {
    const changes = await changesOf({ ...request, share: request.share ?? 0 }, context);
    const [change] = changes.kind === "ok" ? changes.value : [];
    if (change === undefined) return changes.kind === "ok" ? [] : [changes.why];
    return nginxProblems(request.input, refOf(change.field), machineOf(context));
  },
};

async function changesOf(
  { input, share, connectionName }: Request<NginxInput>,
  context: DriverContext,
): Promise<Answer<readonly Change[]>> {
  if (share === null) return failed("nginx needs a share: put it under `traffic`");
  const machine = machineOf(context);
  const pinned = await machine.pinFile(input.file);
  if (pinned.kind !== "ok") return pinned;
  const text = await machine.readText(pinned.value);
  if (text.kind !== "ok") return text;
  const places = placesOf(input);
  const live = placesIn(text.value, places, input.file);
  if (live.kind !== "ok") return live;
  const value = wantedOf(input, share, valuesOf(live.value));
  if (value.kind !== "ok") return value;
  const ref: NginxRef = {
    host: machine.name,
    file: pinned.value,
    places,
    test: input.test ?? TEST,
    reload: input.reload ?? RELOAD,
    pid: input.pid ?? PID,
  };
  const target = `nginx/${ref.host}${ref.file}`;
  const block = input.upstream ?? input.split ?? "";
  const field = {
    key: `${target}#${block}`,
    target,
    driver: "nginx",
    connection: connectionName,
    ref,
    label: `${input.file} ${block}`,
  };
  return ok([{ field, value: { present: true, value: value.value } }]);
}

/** Waits until all workers that take requests began after the file was written. */
async function settle(changes: readonly Change[], context: DriverContext): Promise<Answer<null>> {
  const machine = machineOf(context);
  for (const { field } of changes) {
    const { file, pid, reload } = refOf(field);
    const told = await settleReload(reload, machine.context);
    if (told.kind !== "ok") return told;
    for (;;) {
      const reloaded = await hasReloaded(file, pid, machine);
      if (reloaded.kind !== "ok") return reloaded;
      if (reloaded.value) break;
      if (context.signal.aborted) return unknown("nginx has not reloaded yet: see its error log");
      await context.sleep(PAUSE);
    }
  }
  return ok(null);
}
