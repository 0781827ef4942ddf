import type { z } from "zod";

import type { Output } from "../../core/plan.ts";
import type { outputsInput } from "../schema/outputs-shape.ts";

/** The outputs that were decoded, with their defaults. */
export function outputsOf(given: z.output<typeof outputsInput>): Readonly<Record<string, Output>> {
  return Object.fromEntries(
    Object.entries(given ?? {}).map(([name, { json, secret }]) => [
      name,
      { json, secret: secret ?? false },
    ]),
  );
}
