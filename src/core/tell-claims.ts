import { claimsIn } from "./claim.ts";
import { judgeClaim } from "./judge-claim.ts";
import type { Plan } from "./plan.ts";
import type { State } from "./state.ts";

/** How one comparison with stable stands. */
export interface ToldClaim {
  readonly place: "gate" | "trigger";
  /** What the author wrote. */
  readonly text: string;
  readonly detail: string;
}

/** Every comparison of the stage in force, and of the triggers, that has seen something: gates first. */
export function tellClaims(plan: Plan, state: State): readonly ToldClaim[] {
  const gates = plan.stages[state.stage]?.gates ?? [];
  const owners = [
    ...gates.map(({ id, condition }) => ({ place: "gate" as const, id, condition })),
    ...plan.triggers.map(({ id, condition }) => ({ place: "trigger" as const, id, condition })),
  ];
  return owners.flatMap(({ place, id, condition }) =>
    claimsIn(condition, plan.metrics).flatMap((leaf) => {
      const owner = `${place}:${id}`;
      const claim = state.claims[`${owner}#${leaf.place}`];
      if (claim === undefined) return [];
      const clock = place === "gate" ? claim.clock : null;
      const context = { plan, state, now: claim.until, owner, clock };
      const judged = judgeClaim(leaf.condition, leaf.metric, context, leaf.place);
      return judged === null
        ? []
        : [{ place, text: leaf.condition.text.trim(), detail: judged.detail }];
    }),
  );
}
