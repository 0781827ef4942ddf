import type { Plan } from "../core/plan.ts";
import { command, type Scene } from "./scene.ts";

/** How each of these confirmations is given: a line with its question and the command to paste. */
export function confirmLines(names: Iterable<string>, scene: Scene): readonly string[] {
  return [...new Set(names)].map((name) => {
    const question = scene.plan === null ? null : questionOf(scene.plan, name);
    const who = scene.plan === null ? "" : wantedOf(scene.plan, name);
    const about = question === null ? "" : ` (${question}${who})`;
    return `to confirm ${name}${about}: ${command(scene, "confirm", name)}`;
  });
}

/** Who has to give a confirmation, where that is more than anybody. */
function wantedOf(plan: Plan, name: string): string {
  const { by, count } = plan.checks[name]?.input ?? {};
  const many = typeof count === "number" && count > 1 ? `${count} ` : "";
  if (typeof by === "string") return `; ${many === "" ? "" : `${many}of `}${by}`;
  return many === "" ? "" : `; ${many}people`;
}

/** What a confirmation asks; null when the plan has none of that name. */
export function questionOf(plan: Plan, name: string): string | null {
  const check = plan.checks[name];
  const question = check?.driver === "confirm" ? check.input["question"] : null;
  return typeof question === "string" ? question : null;
}

/** The confirmations that the preflight waits for, once everything else in it is good. */
export function preflightConfirmations(plan: Plan | null): readonly string[] {
  return plan === null
    ? []
    : plan.preflight.filter((name) => plan.checks[name]?.driver === "confirm");
}
