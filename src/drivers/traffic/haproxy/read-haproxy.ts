import type { Field, FieldValue } from "../../../core/field.ts";
import { failed, ok } from "../../answer.ts";
import type { Answer, DriverContext, Reading } from "../../driver.ts";
import { askHaproxy } from "./ask-haproxy.ts";
import { refOf, type BackendValue, type HaproxyRef } from "./backend-field.ts";
import type { HaproxyPlace } from "./connection.ts";
import { parseServers, type ServerState } from "./server-state.ts";

/** The servers of a backend as they are now. */
export async function readServers(
  place: HaproxyPlace,
  backend: string,
  context: DriverContext,
): Promise<Answer<readonly ServerState[]>> {
  const text = await askHaproxy(place, [`show servers state ${backend}`], context);
  return text.kind === "ok" ? parseServers(text.value, backend) : text;
}

/** Reads backends and entries of maps. */
export async function readHaproxy(
  fields: readonly Field[],
  context: DriverContext,
): Promise<Answer<readonly Reading[]>> {
  const readings: Reading[] = [];
  for (const field of fields) {
    const ref = refOf(field);
    const value = ref.kind === "backend" ? await backend(ref, context) : await entry(ref, context);
    if (value.kind !== "ok") return value;
    readings.push({ field, value: value.value, mark: null });
  }
  return ok(readings);
}

async function backend(
  ref: HaproxyRef & { kind: "backend" },
  context: DriverContext,
): Promise<Answer<FieldValue>> {
  const servers = await readServers(ref, ref.backend, context);
  return servers.kind === "ok" ? ok({ present: true, value: valueOf(servers.value) }) : servers;
}

export function valueOf(servers: readonly ServerState[]): BackendValue {
  return Object.fromEntries(
    servers.map(({ name, weight, admin }) => [name, { weight, state: admin }]),
  );
}

/** `show map FILE` prints `id key value` lines. */
async function entry(
  ref: HaproxyRef & { kind: "map" },
  context: DriverContext,
): Promise<Answer<FieldValue>> {
  const text = await askHaproxy(ref, [`show map ${ref.map}`], context);
  if (text.kind !== "ok") return text;
  const lines = text.value
    .trim()
    .split("\n")
    .filter((line) => line !== "");
  const wrong = lines.find((line) => !line.startsWith("0x"));
  if (wrong !== undefined) return failed(`map ${ref.map}: ${wrong}`);
  for (const line of lines) {
    const [, key, ...value] = line.split(" ");
    if (key === ref.key) return ok({ present: true, value: value.join(" ") });
  }
  return ok({ present: false });
}
