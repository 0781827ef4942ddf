import type { Reaction } from "../../core/reaction.ts";
import type { WallTime } from "../../core/units.ts";
import type { Run } from "../run.ts";
import { isoTime } from "./message-values.ts";

/**
 * What a message about an event at that time asks for, by when, and how it is answered, a line each; what has been
 * answered is not asked again.
 */
export function askedLines(
  run: Run,
  { asks, within }: Pick<Reaction, "asks" | "within">,
  at: WallTime,
): readonly string[] {
  const by = within === undefined ? "" : ` (by ${isoTime(at + within)})`;
  const open = asks.filter((name) => run.state.confirmations[name] === undefined);
  return open.map((name) => {
    const question = run.plan.checks[name]?.input["question"];
    const words = typeof question === "string" ? question : name;
    return `${words.replace(/\?$/u, "")}?${by} canary confirm ${run.rollout} ${name}`;
  });
}
