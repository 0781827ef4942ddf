import type { Plan, Trigger } from "../../core/plan.ts";
import type { Reaction, ReactionEvent } from "../../core/reaction.ts";
import { unknownName } from "../decode/unknown-name.ts";
import type { Rule } from "../located-plan.ts";
import { problemsAt, type Found } from "./problems-at.ts";

/** A line of `on:` that can never come about would be missed when it is needed. */
export const reactionsHappen: Rule = (located) => {
  const { plan, sourceOf } = located;
  const found = (plan.reactions ?? []).flatMap((reaction) => {
    const path = sourceOf.get(`reaction:${reaction.id}`) ?? [];
    return [
      triggerProblem(reaction, plan),
      stageProblem(reaction, plan),
      askProblem(reaction),
    ].flatMap((problem): readonly Found[] =>
      problem === null ? [] : [{ ...problem, path: [...path, problem.key] }],
    );
  });
  return problemsAt(located, found);
};

type Problem = Pick<Found, "code" | "message" | "fix"> & {
  readonly key: "trigger" | "stage" | "ask";
};

/** What a trigger must do for an event to be about it. */
const BY_TRIGGER: Readonly<Partial<Record<ReactionEvent, Trigger["does"]>>> = {
  warned: "warn",
  paged: "page",
  held: "hold",
  "rolling-back": "rollback",
};

function triggerProblem({ event, trigger }: Reaction, { triggers }: Plan): Problem | null {
  if (trigger === null) return null;
  const key = "trigger";
  const does = BY_TRIGGER[event];
  if (does === undefined) {
    const message = `\`${event}\` is about no trigger`;
    return { code: "reaction-never", key, message, fix: "remove `trigger`" };
  }
  const fitting = triggers.filter((each) => each.does === does).map(({ name }) => name);
  if (fitting.includes(trigger)) return null;
  const other = triggers.find(({ name }) => name === trigger);
  if (other !== undefined) {
    const message = `the trigger ${trigger} stands under \`${other.does}\`, and \`${event}\` is about those under \`${does}\``;
    return { code: "reaction-never", key, message, fix: unknownName("", fitting) ?? "remove it" };
  }
  const message = `there is no trigger ${trigger}`;
  const fix = unknownName(trigger, fitting) ?? `give one under \`${does}\` this name`;
  return { code: "reaction-never", key, message, fix };
}

function stageProblem({ stage }: Reaction, { stages }: Plan): Problem | null {
  const names = stages.map(({ name }) => name);
  if (stage === null || names.includes(stage)) return null;
  const message = `there is no stage ${stage}`;
  const fix = unknownName(stage, names) ?? "remove it";
  return { code: "reaction-never", key: "stage", message, fix };
}

const ENDS: ReadonlySet<ReactionEvent> = new Set([
  "promoted",
  "rolled-back",
  "rollback-failed",
  "halted",
]);

function askProblem({ event, asks }: Reaction): Problem | null {
  if (asks.length === 0 || !ENDS.has(event)) return null;
  const message = `after \`${event}\` nobody takes an answer any more`;
  return { code: "reaction-never", key: "ask", message, fix: "write it as `text`" };
}
