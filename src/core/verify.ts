import { endOfWayBack, notVerified } from "./end-of-way-back.ts";
import { newSoak } from "./soak.ts";
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
    return endWith(turn, endOfWayBack(state));
  }
  const { failed } = state.phase;
  if (failed !== null) return endWith(turn, notVerified(state, { certain: true, why: failed }));
  if (entry.mono - soak.began < within) return;
  const red = open.filter((gate) => soak.passed[gate.id] === "fail");
  const why = (red.length > 0 ? red : open).map((gate) => gate.condition.text).join(", ");
  const said = `not verified within ${within / 1000} s: ${why}`;
  endWith(turn, notVerified(state, { certain: red.length > 0, why: said }));
}
