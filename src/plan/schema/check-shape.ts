import { z } from "zod";

import { fileName } from "./file-name.ts";
import { outputsInput } from "./outputs-shape.ts";
import { duration, positiveDuration } from "./scalars.ts";

/** The keys that every check may have beside those of its kind. */
export const checkShape = {
  connection: z.string().optional().describe("left out where only one connection fits"),
  interval: positiveDuration.optional().describe("how often it is made while it is watched"),
  initialDelay: duration.optional().describe("the wait before it is made first"),
  timeout: positiveDuration.optional().describe("how long one try may take"),
  failureThreshold: z.int().min(1).optional().describe("failures in a row that make it fail"),
  successThreshold: z.int().min(1).optional().describe("passes in a row that make it pass"),
  retries: z.int().min(0).optional().describe("how often it is tried again at the end of the soak"),
  as: fileName.optional().describe("the evidence file that keeps its answer"),
  outputs: outputsInput,
};
