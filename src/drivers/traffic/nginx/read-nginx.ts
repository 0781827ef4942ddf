import type { Field, FieldValue } from "../../../core/field.ts";
import { failed, ok } from "../../answer.ts";
import type { Answer, DriverContext, Failure, Reading } from "../../driver.ts";
import { machineOf, type Machine } from "../../machine/machine.ts";
import { placeName, readPlace, type ConfPlace } from "./conf-places.ts";
import { refOf, type NginxRef } from "./nginx-field.ts";

/** Reads the places of each field from its file. */
export async function readNginx(
  fields: readonly Field[],
  context: DriverContext,
): Promise<Answer<readonly Reading[]>> {
  const machine = machineOf(context);
  const readings: Reading[] = [];
  for (const field of fields) {
    const ref = refOf(field);
    const wrong = wrongHost(ref, machine);
    if (wrong !== null) return wrong;
    const text = await machine.readText(ref.file);
    if (text.kind !== "ok") return text;
    const value = placesIn(text.value, ref.places, ref.file);
    if (value.kind !== "ok") return value;
    readings.push({ field, value: value.value, mark: null });
  }
  return ok(readings);
}

/** The texts of places as a field's value. */
export function placesIn(
  text: string,
  places: readonly ConfPlace[],
  file: string,
): Answer<FieldValue> {
  const values: Record<string, string | null> = {};
  for (const place of places) {
    const value = readPlace(text, place);
    if (value instanceof Error) return failed(`${file}: ${value.message}`);
    values[placeName(place)] = value;
  }
  return ok({ present: true, value: values });
}

/** Says no on another machine: a file of the same name lies there too. */
export function wrongHost(
  { host, file }: Pick<NginxRef, "host" | "file">,
  { name }: Pick<Machine, "name">,
): Failure | null {
  return host === name
    ? null
    : failed(`${file} lies on ${host}, and this is ${name}: run this there`);
}
