import { authoringCommands } from "./authoring-commands.ts";
import { backtestCommand } from "./backtest-command.ts";
import type { CommandSpec } from "./command-spec.ts";
import { evidenceCommands } from "./evidence-commands.ts";
import { guardCommands } from "./guard-commands.ts";
import { jobCommand } from "./job-command.ts";
import { judgeCommand } from "./judge-command.ts";
import { planCommands } from "./plan-commands.ts";
import { playbookCommand } from "./playbook-command.ts";
import { rolloutCommands } from "./rollout-commands.ts";
import { serveCommands } from "./serve-commands.ts";
import { startCommand } from "./start-command.ts";
import { withStore } from "./with-store.ts";

/** Every command, in the order of the help. */
export const commandTable: readonly CommandSpec[] = withStore([
  startCommand,
  ...rolloutCommands,
  playbookCommand,
  ...guardCommands,
  ...serveCommands,
  ...authoringCommands,
  ...planCommands,
  ...evidenceCommands,
  judgeCommand,
  backtestCommand,
  jobCommand,
]);
