import type { Json } from "../../core/units.ts";
import type { Run } from "../run.ts";

/** The value of `${outputs.x}` in a message: a secret one is never there. */
export function outputValue(run: Run): (name: string) => Json | undefined {
  return (name) => {
    if (!name.startsWith("outputs.")) return undefined;
    const output = run.outputs.get(name.slice("outputs.".length));
    return output === undefined || output.secret ? undefined : output.value;
  };
}
