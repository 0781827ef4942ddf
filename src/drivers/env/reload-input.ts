import { z } from "zod";

import { argvInput } from "../argv-input.ts";

const unitReload = z
  .strictObject({
    systemd: z.string().min(1).describe("the unit"),
    orRestart: z.boolean().exactOptional().describe("restart a unit that cannot reload"),
    restart: z
      .boolean()
      .exactOptional()
      .describe("always restart: systemd reads an EnvironmentFile at start only"),
    user: z.boolean().exactOptional().describe("a unit of the user, not of the machine"),
  })
  .refine(
    ({ orRestart, restart }) => orRestart !== true || restart !== true,
    "both `orRestart` and `restart`: keep one",
  );

/** How a service is told that its file changed: a systemd unit, or a command. */
export const reloadInput = z.union([argvInput, unitReload], {
  error: ({ input }) =>
    typeof input === "string"
      ? "no shell here: write { systemd: NAME }, or a list like [nginx, -s, reload]"
      : "write { systemd: NAME, orRestart: true }, or a command as a list",
});

export type Reload = z.infer<typeof reloadInput>;
