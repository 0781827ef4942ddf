import type { Json } from "../core/units.ts";
import type { DriverContext } from "../drivers/driver.ts";
import { fillJson, fillText, prefillJson } from "../drivers/template.ts";
import type { Run } from "./run.ts";

/** Builds what a driver gets for one call: the connection with its secrets, the ports, and the bound of the call. */
export function driverContext(
  run: Run,
  connection: string | null,
  signal: AbortSignal,
): DriverContext {
  const identity = { rollout: run.rollout, epoch: run.epoch };
  const config = connection === null ? {} : (run.plan.connections[connection]?.config ?? {});
  return {
    ...identity,
    signal,
    exec: run.engine.exec(identity),
    http: run.engine.http(identity),
    connection: fillJson(config, (name) => lookup(run, name)) as Readonly<Record<string, Json>>,
    resolve: (text) => fillText(text, (name) => lookup(run, name)),
    now: () => run.engine.clock.now(),
    sleep: (ms) => sleep(run, ms, signal),
  };
}

/** Replaces what is known and not secret (`${outputs.x}`, `${stage.x}`, `${rollout.x}`); secret references stay as text. */
export function fillPublic(run: Run, input: Json, share: number | null): Json {
  return prefillJson(input, (name) => {
    if (name === "traffic" && share !== null) return share;
    return name.startsWith("env:") || name.startsWith("file:") ? undefined : publicValue(run, name);
  });
}

/** A file name of evidence with its placeholders filled: `${stage.traffic}` prints `1`, not `1%`. */
export function fillName(run: Run, text: string): string {
  return fillText(text, (name) => publicValue(run, name));
}

function lookup(run: Run, name: string): Json | undefined {
  if (name.startsWith("env:") || name.startsWith("file:")) {
    const value = run.engine.secret(name);
    if (value instanceof Error) throw value;
    run.redactor.register(name, value);
    return value;
  }
  if (!name.startsWith("outputs.")) return publicValue(run, name);
  const output = run.outputs.get(name.slice("outputs.".length));
  // Its text would go out as it stands: a request to `/keys/${outputs.id}`.
  if (output === undefined) throw new Error(`${name} has no value here`);
  return output.value;
}

function publicValue(run: Run, name: string): Json | undefined {
  const stage = run.plan.stages[run.state.stage];
  switch (name) {
    case "rollout.id":
      return run.rollout;
    case "rollout.plan":
      return run.plan.name;
    case "stage.name":
      return stage?.name;
    case "stage.traffic":
      return stage?.share ?? undefined;
    case "stage.folder":
      return stage?.folder;
  }
  if (!name.startsWith("outputs.")) return undefined;
  const output = run.outputs.get(name.slice("outputs.".length));
  return output === undefined || output.secret ? undefined : output.value;
}

function sleep(run: Run, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new Error("interrupted"));
    const cancel = run.engine.clock.after(ms, () => {
      signal.removeEventListener("abort", stop);
      resolve();
    });
    function stop(): void {
      cancel();
      reject(new Error("interrupted"));
    }
    signal.addEventListener("abort", stop, { once: true });
  });
}
