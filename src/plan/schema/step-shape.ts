import { z } from "zod";

import { outputsInput } from "./outputs-shape.ts";
import { duration, positiveDuration } from "./scalars.ts";

/** The keys that every step of a check may have beside those of its kind. */
export const stepShape = {
  name: z.string().min(1).optional().describe("what people read; without it what the step does"),
  connection: z.string().optional().describe("left out where only one connection fits"),
  timeout: positiveDuration.optional().describe("how long this step may take"),
  outputs: outputsInput,
};

/** The keys of a step that only waits. */
export const waitStepShape = {
  name: stepShape.name,
  wait: duration.describe("how long nothing is done; what is waited for is the product's time"),
};
