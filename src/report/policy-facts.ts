import type { Plan } from "../core/plan.ts";
import type { State } from "../core/state.ts";

/** What a policy had to do with a rollout, and what people said: rows of a report. */
export function policyFacts(plan: Plan, state: State): readonly (readonly [string, string])[] {
  const { governance } = plan;
  const said = Object.entries(state.confirmations).map(
    ([name, { yes, by }]) => [`${name}: ${yes ? "yes" : "NO"}`, by] as const,
  );
  const overridden = state.overridden.map((gate) => {
    const votes = state.votes[`override ${gate}`] ?? [];
    return [`gate overridden: ${gate}`, votes.map(({ by }) => by).join(", ")] as const;
  });
  const tier =
    governance === undefined
      ? []
      : [["policy", `tier ${governance.tier}: ${governance.because.join("; ")}`] as const];
  const broken =
    state.cause?.breakGlass === true ? [["glass broken by", state.cause.by] as const] : [];
  return [...tier, ...said, ...overridden, ...broken];
}
