import type { Plan } from "../core/plan.ts";
import type { Reaction } from "../core/reaction.ts";
import { formatDuration } from "./format-duration.ts";

/** Who is told of what, and what is run and kept when it happens; nothing where the plan has no `on`. */
export function reactionLines({ reactions = [] }: Plan): readonly string[] {
  if (reactions.length === 0) return [];
  const events = [...new Set(reactions.map(({ event }) => event))];
  return [
    "beside the rollout, and without a part in it",
    ...events.flatMap((event) => linesOf(event, reactions)),
  ];
}

/** Places that are told the same in the same way stand in one line. */
function linesOf(event: string, reactions: readonly Reaction[]): readonly string[] {
  const told = new Map<string, string[]>();
  const others: string[] = [];
  for (const reaction of reactions) {
    if (reaction.event !== event) continue;
    const when = whenOf(reaction);
    const { does } = reaction;
    if (does.kind === "tell") told.set(when, [...(told.get(when) ?? []), does.to]);
    else others.push(`${doing(does)}${when}`);
  }
  const tells = [...told].map(([when, places]) => `tells ${places.join(", ")}${when}`);
  return [...tells, ...others].map((line) => `  ${event.padEnd(15)} ${line}`);
}

function doing(does: Exclude<Reaction["does"], { kind: "tell" }>): string {
  switch (does.kind) {
    case "run":
      return `runs ${does.argv.join(" ")}`;
    case "record":
      return `writes ${does.as}`;
    case "collect":
      return `takes ${does.items.map(({ as }) => as).join(", ")}`;
  }
}

function whenOf({ trigger, stage, after, every, until, unless, asks }: Reaction): string {
  return [
    asks.length === 0 ? "" : ` and asks for ${asks.join(", ")}`,
    stage === null ? "" : ` in ${stage}`,
    trigger === null ? "" : ` for ${trigger}`,
    after === 0 ? "" : ` after ${formatDuration(after)}`,
    every === null ? "" : `, every ${formatDuration(every)}`,
    until === null ? "" : ` until ${until}`,
    unless === null ? "" : `, unless ${unless.text}`,
  ].join("");
}
