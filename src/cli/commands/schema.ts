import { builtInDrivers } from "../../drivers/registry.ts";
import { planJsonSchema } from "../../plan/json-schema.ts";
import { policyJsonSchema } from "../../policy/policy-json-schema.ts";
import { printJson } from "../print.ts";
import { UsageError } from "../usage-error.ts";

/** Prints the JSON schema of plans, or of policies. */
export function schema(args: readonly string[]): Promise<number> {
  const [what = "plan"] = args;
  if (what !== "plan" && what !== "policy")
    throw new UsageError(`there is no schema of ${what}`, "canary schema plan, or policy");
  printJson(
    what === "plan" ? planJsonSchema(builtInDrivers()) : policyJsonSchema(builtInDrivers()),
  );
  return Promise.resolve(0);
}
