import { confirmationsOf } from "../../core/measurements.ts";
import type { Run } from "../run.ts";
import { speakers } from "./speakers.ts";

/**
 * Says yes to one confirmation that is waited for now, but to none of `named`, as the next person who is asked for; false
 * when there is none.
 */
export function confirmOpen(
  run: Run,
  named: readonly string[],
  speakersOf = (check: string) => speakers(run.plan, check, run.rollout),
): boolean {
  const check = awaited(run).find(
    (name) => run.state.confirmations[name] === undefined && !named.includes(name),
  );
  if (check === undefined) return false;
  const voted = new Set((run.state.votes[`confirm ${check}`] ?? []).map(({ by }) => by));
  const by = speakersOf(check).find((name) => !voted.has(name)) ?? run.rollout;
  const word = { kind: "confirm", by, reason: "", check, yes: true } as const;
  void run.record({ kind: "word-received", word: { ...word, stage: null, hold: null } });
  return true;
}

/** The confirmations that are waited for now: of the preflight, or of the stage that is green but for them. */
function awaited({ plan, state }: Run): readonly string[] {
  if (state.phase.kind === "preparing")
    return plan.preflight.filter((name) => plan.checks[name]?.driver === "confirm");
  if (state.hold?.kind !== "waiting") return [];
  const stage = plan.stages[state.stage];
  return stage?.gates.flatMap(({ condition }) => confirmationsOf(condition)) ?? [];
}
