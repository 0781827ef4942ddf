import type { Reaction } from "../../core/reaction.ts";
import type { Json } from "../../core/units.ts";
import { fillText } from "../../drivers/template.ts";
import type { Run } from "../run.ts";
import type { Sent } from "./deliver.ts";

type Command = Extract<Reaction["does"], { kind: "run" }>;

/** Runs the command of a reaction, once. What it prints on stderr is the reason of a failure. Never throws. */
export async function runCommand(
  run: Run,
  command: Command,
  values: (name: string) => Json | undefined,
  leave: AbortSignal,
): Promise<Sent> {
  const exec = run.engine.exec({ rollout: run.rollout, epoch: run.epoch });
  const argv = command.argv.map((argument) => fillText(argument, values));
  const done = await exec(argv, { signal: leave, timeout: command.timeout });
  if (done.exitCode === 0) return { why: null, receipt: {}, tries: 1 };
  const words = done.stderr.trim().slice(-300);
  const code = done.why ?? `exit code ${done.exitCode}`;
  const why = words === "" ? code : `${code}: ${words}`;
  return { why, receipt: {}, tries: 1 };
}
