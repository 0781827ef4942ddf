import type { CommandSpec } from "./command-spec.ts";
import { evidenceCommands } from "./evidence-commands.ts";
import { rolloutCommands } from "./rollout-commands.ts";

/** Every command, in the order of the help. */
export const commandTable: readonly CommandSpec[] = [...rolloutCommands, ...evidenceCommands];
