import { gateOutcome, judgeCondition } from "./judge-condition.ts";
import type { JudgeContext } from "./judged.ts";
import type { Gate, Stage } from "./plan.ts";
import type { Outcome } from "./sample.ts";
import type { Soak } from "./state.ts";
import type { Turn } from "./turn.ts";
import type { Millis } from "./units.ts";
import { remember } from "./watch.ts";

export type GateResult = Outcome | "warming" | "waiting";

/** Worst first: one failing gate makes the tick red, one blind one makes it blind. */
const WORST: readonly GateResult[] = [
  "fail",
  "error",
  "stale",
  "noData",
  "inconclusive",
  "waiting",
  "warming",
  "pass",
];

/** Ticks that count as observed green. */
export const COUNTS: ReadonlySet<GateResult> = new Set(["pass", "warming", "waiting"]);

/** A soak whose clock starts now. */
export function newSoak(turn: Turn): Soak {
  const { mono, at } = turn.entry;
  return {
    clock: mono,
    clockAt: at,
    began: mono,
    waited: 0,
    green: 0,
    red: 0,
    lastTick: mono,
    lastTickAt: at,
    worst: "warming",
    broken: null,
    passed: {},
  };
}

/** Judges all gates once; says what changed since the tick before. */
export function judgeGates(
  turn: Turn,
  gates: readonly Gate[],
  soak: Soak,
): Readonly<Record<string, GateResult>> {
  const results: Record<string, GateResult> = {};
  for (const gate of gates) {
    const owner = `gate:${gate.id}`;
    const context: JudgeContext = {
      plan: turn.plan,
      state: turn.state,
      now: turn.entry.mono,
      owner,
      clock: soak.clock,
    };
    const judged = judgeCondition(gate.condition, context);
    remember(turn, owner, judged.since);
    if (turn.state.overridden.includes(gate.id)) {
      results[gate.id] = "pass";
      continue;
    }
    const outcome = gateOutcome(judged.truth);
    results[gate.id] = outcome;
    if (soak.passed[gate.id] !== outcome && outcome !== "warming" && outcome !== "waiting") {
      turn.notes.push({
        kind: "gate-judged",
        gate: gate.condition.text,
        outcome,
        detail: judged.detail,
      });
    }
  }
  return results;
}

/** The worst of several gate results; `pass` for none. */
export function worstOf(results: Iterable<GateResult>): GateResult {
  const all = new Set(results);
  return WORST.find((result) => all.has(result)) ?? "pass";
}

/**
 * Whether a stage has been green for its whole soak, with positive evidence: every gate that is not asked once at the end
 * must have passed at the last tick.
 */
export function isSoaked(stage: Stage, soak: Soak): boolean {
  if (soak.green < stage.soak) return false;
  const last = stage.gates.map(({ id }) => soak.passed[id]);
  return last.every((result) => result === "pass" || result === "waiting");
}

export interface SoakStep {
  readonly soak: Soak;
  /** Why the soak began again, or null. */
  readonly restarted: string | null;
}

/**
 * Adds one tick to the observed time. Green and warming ticks count, inconclusive ones pause, red and blind ones eat the
 * tolerance and then restart the soak. A runner that was away, or whose wall and monotonic clocks disagree by more than an
 * interval, has not observed: soak and window start again.
 */
export function addTick(
  soak: Soak,
  results: Readonly<Record<string, GateResult>>,
  tick: { mono: number; at: number },
  bounds: { interval: Millis; tolerate: Millis },
): SoakStep {
  const elapsed = tick.mono - soak.lastTick;
  const wall = tick.at - soak.lastTickAt;
  const worst = worstOf(Object.values(results));
  const next: Soak = {
    ...soak,
    lastTick: tick.mono,
    lastTickAt: tick.at,
    passed: results,
    worst,
    broken: COUNTS.has(worst) ? soak.broken : worst,
  };
  // A tick may come late by the time its own questions took, hence twice the interval and not once.
  if (elapsed > 3 * bounds.interval || Math.abs(wall - elapsed) > bounds.interval) {
    return {
      soak: { ...next, clock: tick.mono, clockAt: tick.at, green: 0, red: 0 },
      restarted: "the runner was away or its clock jumped",
    };
  }
  switch (next.worst) {
    case "pass":
    case "warming":
    case "waiting":
      // Between a red look and the first green one nobody knows: only time between two green looks is green.
      return {
        soak: { ...next, green: soak.green + (COUNTS.has(soak.worst) ? elapsed : 0) },
        restarted: null,
      };
    case "inconclusive":
      return { soak: next, restarted: null };
    case "fail":
    case "noData":
    case "stale":
    case "error": {
      const red = soak.red + elapsed;
      // Without a tolerance a red look restarts the soak however short it was.
      if (bounds.tolerate > 0 && red <= bounds.tolerate)
        return { soak: { ...next, red }, restarted: null };
      const reason = next.worst === "fail" ? "a gate was red" : "a gate was blind";
      return { soak: { ...next, green: 0, red: 0 }, restarted: soak.green > 0 ? reason : null };
    }
  }
}
