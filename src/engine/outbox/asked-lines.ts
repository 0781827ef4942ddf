import type { Reaction } from "../../core/reaction.ts";
import type { Run } from "../run.ts";

/** What a message asks for and how it is answered, a line each; what has been answered is not asked again. */
export function askedLines(run: Run, { asks }: Reaction): readonly string[] {
  const open = asks.filter((name) => run.state.confirmations[name] === undefined);
  return open.map((name) => {
    const question = run.plan.checks[name]?.input["question"];
    const words = typeof question === "string" ? question : name;
    return `${words.replace(/\?$/u, "")}? canary confirm ${run.rollout} ${name}`;
  });
}
