import type { Plan } from "../../core/plan.ts";

/**
 * Who says yes to a confirmation in a rehearsal: as many people as it asks for, by their names where a policy says who
 * holds its role.
 */
export function speakers(plan: Plan, check: string, otherwise: string): readonly string[] {
  const { by, count } = plan.checks[check]?.input ?? {};
  const people = Object.entries(plan.governance?.people ?? {})
    .filter(([, { roles }]) => typeof by !== "string" || roles.includes(by))
    .map(([name]) => name);
  const many = typeof count === "number" ? count : 1;
  return Array.from(
    { length: many },
    (_, place) => people[place] ?? (place === 0 ? otherwise : `${otherwise} ${place + 1}`),
  );
}
