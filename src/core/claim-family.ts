import { claimsIn, type Claim, type Claimed } from "./claim.ts";
import type { Plan, Trigger } from "./plan.ts";

/** A trigger's comparison, by the key of its claim. */
interface Member {
  readonly keys: readonly string[];
  readonly claimed: Claimed;
}

/**
 * The comparisons of all triggers that do the same. They share one rate of false alarms: together they are wrong at most as
 * often as one alone would be. The same comparison in two triggers is one.
 */
export interface Family {
  readonly members: readonly Member[];
}

type Does = Trigger["does"];

const known = new WeakMap<Plan, ReadonlyMap<Does, Family>>();

/** The family of the triggers that do this. */
export function familyOf(plan: Plan, does: Does): Family {
  const families = known.get(plan) ?? familiesOf(plan);
  known.set(plan, families);
  return families.get(does) ?? { members: [] };
}

function familiesOf(plan: Plan): ReadonlyMap<Does, Family> {
  const all = plan.triggers.flatMap(({ id, does, condition }) =>
    claimsIn(condition, plan.metrics).map(({ place, condition: leaf, claimed }) => {
      const asked = JSON.stringify([leaf.metric, leaf.over, claimed]);
      return { does, asked, key: `trigger:${id}#${place}`, claimed };
    }),
  );
  return new Map(
    [...Map.groupBy(all, ({ does }) => does)].map(([does, ofDoes]) => {
      const members = [...Map.groupBy(ofDoes, ({ asked }) => asked).values()].flatMap((same) => {
        const [first] = same;
        const keys = same.map(({ key }) => key);
        return first === undefined ? [] : [{ keys, claimed: first.claimed }];
      });
      return [does, { members }];
    }),
  );
}

/**
 * Whether the family as a whole is beyond chance. The mean of e-values is one however they depend on each other (Vovk &
 * Wang, Annals of Statistics 2021), so counts fire together when the mean of `alpha · e` over all members reaches 1. One
 * that has seen nothing counts as 1. Means have no e-value here and take their part of alpha for themselves (Bonferroni).
 */
export function isFamilyProven(
  { members }: Family,
  claims: Readonly<Record<string, Claim>>,
): boolean {
  let sum = 0;
  for (const { keys, claimed } of members) {
    const claim = keys.map((key) => claims[key]).find((each) => each !== undefined);
    if (claim?.kind === "means") continue;
    const log = claim === undefined ? 0 : firing(claim, claimed);
    sum += (1 - claimed.confidence) * Math.exp(log);
  }
  return sum >= members.length;
}

/** ln of the evidence for what the condition says. */
function firing({ test }: Extract<Claim, { kind: "counts" }>, { says }: Claimed): number {
  return says === "more" ? test.log : test.logNoWorse;
}

/** How many comparisons of gates there are, over all stages: the false alarms of the red ones are shared among them. */
export function countGateClaims(plan: Plan): number {
  const gates = plan.stages.flatMap((stage) => stage.gates);
  return gates.reduce((sum, { condition }) => sum + claimsIn(condition, plan.metrics).length, 0);
}
