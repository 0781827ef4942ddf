import type { Field } from "../../core/field.ts";
import { ok } from "../answer.ts";
import type { Answer, DriverContext, Reading } from "../driver.ts";
import { machineOf } from "../machine/machine.ts";
import { envRefOf, valueOf, wrongHost } from "./env-field.ts";
import { readEnvKey } from "./env-text.ts";

/** Reads keys of env files, each file once. A key, or a file, that is gone reads as absent. */
export async function readEnv(
  fields: readonly Field[],
  context: DriverContext,
): Promise<Answer<readonly Reading[]>> {
  const machine = machineOf(context);
  const texts = new Map<string, string | null>();
  const readings: Reading[] = [];
  for (const field of fields) {
    const ref = envRefOf(field);
    const wrong = wrongHost(ref, machine);
    if (wrong !== null) return wrong;
    if (!texts.has(ref.file)) {
      const file = await machine.readText(ref.file);
      const gone = file.kind === "failed" && file.why.startsWith("there is no file");
      if (file.kind !== "ok" && !gone) return file;
      texts.set(ref.file, file.kind === "ok" ? file.value : null);
    }
    const text = texts.get(ref.file) ?? "";
    readings.push({ field, value: valueOf(readEnvKey(text, ref.key), ref), mark: null });
  }
  return ok(readings);
}
