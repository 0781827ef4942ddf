import { confirmationsOf } from "../../core/measurements.ts";
import type { Plan } from "../../core/plan.ts";
import type { Evaluated } from "../../policy/evaluate-policy.ts";

/** A person's word that a rollout waits for. */
export interface AskedWord {
  readonly name: string;
  readonly question: string;
  /** `before the start`, or the stage at whose end it is asked for. */
  readonly when: string;
  /** Null: anybody whom the policy knows. */
  readonly role: string | null;
  readonly count: number;
  /** Who may say it. */
  readonly people: readonly string[];
  /** Who has said it already, for exactly this plan. */
  readonly given: readonly string[];
}

/** Every word that a plan under a policy asks for, in the order in which it does. */
export function askedWords({
  plan,
  words,
}: Pick<Evaluated, "plan" | "words">): readonly AskedWord[] {
  const before = plan.preflight.map((name) => [name, "before the start"] as const);
  const later = plan.stages.flatMap((stage) =>
    stage.gates
      .flatMap(({ condition }) => confirmationsOf(condition))
      .map((name) => [name, `at the end of ${stage.name}`] as const),
  );
  const asked = new Map([...before, ...later].toReversed());
  return [...asked].toReversed().flatMap(([name, when]) => {
    const check = plan.checks[name];
    if (check?.driver !== "confirm") return [];
    const { question, by, count } = check.input;
    const role = typeof by === "string" ? by : null;
    return {
      name,
      question: typeof question === "string" ? question : name,
      when,
      role,
      count: typeof count === "number" ? count : 1,
      people: holders(plan, role),
      given: words.filter((word) => word.check === name && word.yes).map((word) => word.by),
    };
  });
}

/** The people of a role. */
export function holders(plan: Plan, role: string | null): readonly string[] {
  return Object.entries(plan.governance?.people ?? {})
    .filter(([, { roles }]) => role === null || roles.includes(role))
    .map(([name]) => name);
}
