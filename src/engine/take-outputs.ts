import type { Output } from "../core/plan.ts";
import type { Json } from "../core/units.ts";
import { readJsonPath } from "../drivers/json-path.ts";
import type { Run } from "./run.ts";

/**
 * Takes values from an answer for later use. Gives those that are not secret, for the journal: a secret one is registered
 * for redaction and lives in memory alone. An Error says which is not in the answer; what came before it is kept.
 */
export function takeOutputs(
  run: Run,
  outputs: Readonly<Record<string, Output>>,
  body: Json,
): Readonly<Record<string, Json>> | Error {
  const open: Record<string, Json> = {};
  for (const [name, output] of Object.entries(outputs)) {
    const found = readJsonPath(body, output.json);
    if (!found.found) return new Error(`the output ${name}: ${found.why}`);
    const { value } = found;
    run.outputs.set(name, { value, secret: output.secret });
    if (output.secret)
      run.redactor.register(
        `outputs.${name}`,
        typeof value === "string" ? value : JSON.stringify(value),
      );
    else open[name] = value;
  }
  return open;
}

/** An answer as JSON where it is JSON, else as text without the space around it. */
export function answerJson(text: string): Json {
  const trimmed = text.trim();
  try {
    return JSON.parse(trimmed) as Json;
  } catch {
    return trimmed;
  }
}
