import type { End } from "./ending.ts";
import { newSoak } from "./soak.ts";
import type { State } from "./state.ts";
import { awaits, begin, endWith, restartTicks, type Turn } from "./turn.ts";

/** Samples of the verification count from here, plus each query's range. */
export function startVerifying(turn: Turn): void {
  turn.state.phase = {
    kind: "verifying",
    soak: newSoak(turn),
    checksLeft: turn.plan.rollback.verify.checks,
    failed: null,
  };
  // What was seen on the way forward says nothing about what is there now.
  turn.state.checks = {};
  turn.state.samples = {};
  turn.state.since = {};
  restartTicks(turn);
  verify(turn);
}

/** Moves the verification on: its checks first, then its gates until they pass or `within` is over. */
export function verify(turn: Turn): void {
  const { state, plan, entry } = turn;
  if (state.phase.kind !== "verifying" || awaits(turn, "check")) return;
  const { soak, checksLeft } = state.phase;
  const check = checksLeft[0];
  if (check !== undefined) {
    begin(turn, { kind: "check", check, mode: "settled" });
    return;
  }
  const { gates, within } = plan.rollback.verify;
  const open = gates.filter((gate) => soak.passed[gate.id] !== "pass");
  if (open.length === 0 && state.phase.failed === null) {
    turn.notes.push({ kind: "verified" });
    return endWith(
      turn,
      state.failures.length > 0
        ? { kind: "rollback-failed", certain: true, why: state.failures.join("; ") }
        : rolledBack(state),
    );
  }
  if (state.phase.failed !== null)
    return endWith(turn, {
      kind: "rollback-failed",
      certain: true,
      why: `the values are back, but ${state.phase.failed}`,
      restored: true,
    });
  if (entry.mono - soak.began < within) return;
  const red = open.filter((gate) => soak.passed[gate.id] === "fail");
  const why = (red.length > 0 ? red : open).map((gate) => gate.condition.text).join(", ");
  endWith(turn, {
    kind: "rollback-failed",
    certain: red.length > 0,
    why: `the values are back, but not verified within ${within / 1000} s: ${why}`,
    restored: true,
  });
}

/** The end of a rollout whose values are back: an abort says so by its own exit code. */
export function rolledBack(state: State): End {
  return { kind: "rolled-back", by: state.cause?.kind === "abort" ? "abort" : "machine" };
}
