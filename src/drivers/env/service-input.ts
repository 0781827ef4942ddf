import { z } from "zod";

import { argvInput } from "../argv-input.ts";

const commands = z.strictObject({
  running: argvInput.describe("ends with 0 while the service runs"),
  start: argvInput,
  stop: argvInput,
  restart: argvInput.exactOptional(),
  reload: argvInput.exactOptional(),
});

/** What `service:` takes in a plan. Without `commands` the name is that of a systemd unit. */
export const serviceInput = z
  .strictObject({
    name: z.string().min(1).describe("the systemd unit, or what to call the service of `commands`"),
    state: z
      .enum(["started", "stopped", "restarted", "reloaded"])
      .describe("started and stopped have their undo; the others are done once"),
    user: z.boolean().exactOptional().describe("a unit of the user, not of the machine"),
    commands: commands.exactOptional().describe("how a service without systemd is handled"),
  })
  .superRefine(({ state, commands: own }, context) => {
    if (own === undefined || state === "started" || state === "stopped") return;
    const name = state === "restarted" ? "restart" : "reload";
    if (own[name] === undefined)
      context.addIssue({ code: "custom", message: `state ${state} needs \`commands.${name}\`` });
  });

export type ServiceInput = z.infer<typeof serviceInput>;
