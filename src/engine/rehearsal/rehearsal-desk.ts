import type { ExecPort } from "../../drivers/exec.ts";
import type { Notice } from "../../sinks/sink.ts";

/** Takes what a rehearsal would write and tell: the evidence with its records, the messages, the commands of `on:`. */
export interface RehearsalDesk {
  /** `path` begins with the folder of the rollout. */
  write(path: string, content: string | Uint8Array): void;
  tell(to: string, notice: Notice): void;
  run(argv: readonly string[]): void;
}

/** Commands of reactions, which are noted and always succeed. */
export function noteCommands(desk: RehearsalDesk): ExecPort {
  return (argv) => {
    desk.run(argv);
    return Promise.resolve({ exitCode: 0, stdout: "", stderr: "", why: null, started: true });
  };
}
