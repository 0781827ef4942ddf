import { z } from "zod";

import { argv } from "./argv.ts";
import { positiveDuration } from "./scalars.ts";

/** When a service is up. */
export const readyShape = {
  tcp: z
    .string()
    .regex(/^(?:\[[^\]]+\]|[^:\s]+):(?:\d{1,5}|\$\{[^}]*\})$/, {
      error: ({ input }) => `"${String(input)}" is no host:port, write one like localhost:9090`,
    })
    .optional()
    .describe("host:port that takes connections"),
  http: z.string().min(1).optional().describe("address that answers with 200 to 299"),
  within: positiveDuration.optional().describe("how long it may take to come up; without it 10s"),
};

/** The keys of a service with a plain value. */
export const serviceShape = {
  run: argv.describe("the command, as a list; it lives as long as the check"),
  env: z.record(z.string(), z.string()).optional().describe("environment of the command"),
  cwd: z.string().min(1).optional().describe("the folder it runs in"),
};
