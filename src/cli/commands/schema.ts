import { builtInDrivers } from "../../drivers/registry.ts";
import { planJsonSchema } from "../../plan/json-schema.ts";
import { printJson } from "../print.ts";

/** Prints the JSON schema of plans. */
export function schema(): Promise<number> {
  printJson(planJsonSchema(builtInDrivers()));
  return Promise.resolve(0);
}
