import type { Condition } from "./condition.ts";
import { judgeCondition } from "./judge-condition.ts";
import type { Judged } from "./judged.ts";
import { checksOf, confirmationsOf, measurementsOf } from "./measurements.ts";
import type { Plan, Trigger } from "./plan.ts";
import type { State } from "./state.ts";
import type { MonoTime } from "./units.ts";

/** The names of what a trigger's condition reads of a state. */
interface Reads {
  /** Its questions, by key, and the metric that each is about. */
  readonly samples: readonly string[];
  readonly metrics: readonly string[];
  readonly checks: readonly string[];
  /** Its `for` clocks. */
  readonly clocks: readonly string[];
}

type Read = Pick<
  State,
  "samples" | "checks" | "since" | "claims" | "proven" | "baseline" | "stage"
>;

/** What a condition said, and what it said it of. */
interface Kept {
  readonly plan: Plan;
  readonly of: Read;
  readonly judged: Judged;
  /** From here on one of its samples may be too old, if no other comes. */
  readonly until: MonoTime;
}

/** Null for a condition that waits for a person: it is judged by the moment. */
const readsKnown = new WeakMap<Trigger, Reads | null>();
const lastJudged = new WeakMap<Trigger, Kept>();

interface At {
  readonly plan: Plan;
  readonly state: State;
  readonly now: MonoTime;
}

/**
 * Judges a trigger on what is known now. All are judged at every fact, and hardly any fact is about hardly any of them:
 * one whose samples, checks and clocks are those of the last time, and not too old by now, says what it said then.
 */
export function judgeTrigger(trigger: Trigger, { plan, state, now }: At): Judged {
  const reads = readsOf(trigger);
  const last = lastJudged.get(trigger);
  if (
    reads !== null &&
    last?.plan === plan &&
    now < last.until &&
    readsTheSame(reads, last.of, state)
  )
    return last.judged;
  const owner = `trigger:${trigger.id}`;
  const judged = judgeCondition(trigger.condition, { plan, state, now, owner, clock: null });
  if (reads === null) return judged;
  const { samples, checks, since, claims, proven, baseline, stage } = state;
  const of = { samples, checks, since, claims, proven, baseline, stage };
  const until = staleFrom(reads, plan, of);
  if (now < until) lastJudged.set(trigger, { plan, of, judged, until });
  else lastJudged.delete(trigger);
  return judged;
}

/** What is in a state is never changed in place: the same object says the same. */
function readsTheSame({ samples, checks, clocks }: Reads, last: Read, state: Read): boolean {
  return (
    last.claims === state.claims &&
    last.proven === state.proven &&
    last.baseline === state.baseline &&
    last.stage === state.stage &&
    hasTheSame(samples, last.samples, state.samples) &&
    hasTheSame(checks, last.checks, state.checks) &&
    hasTheSame(clocks, last.since, state.since)
  );
}

function hasTheSame<T>(
  keys: readonly string[],
  last: Readonly<Record<string, T>>,
  known: Readonly<Record<string, T>>,
): boolean {
  if (last === known) return true;
  for (const key of keys) if (last[key] !== known[key]) return false;
  return true;
}

/** Before `judgeCondition` may call a sample of these stale; by 1 ms, so that no rounding comes between. */
function staleFrom(
  { samples, metrics }: Reads,
  plan: Plan,
  { samples: known, stage }: Read,
): MonoTime {
  const interval = Math.max(plan.interval, plan.stages[stage]?.interval ?? 0);
  let until = Infinity;
  for (const [at, key] of samples.entries()) {
    const measured = known[key];
    const asked = plan.metrics[metrics[at] ?? ""];
    if (measured === undefined || asked === undefined) continue;
    until = Math.min(until, measured.at + asked.maxAge + asked.timeout + interval - 1);
  }
  return until;
}

function readsOf(trigger: Trigger): Reads | null {
  const known = readsKnown.get(trigger);
  if (known !== undefined) return known;
  const { id, condition } = trigger;
  const asked = measurementsOf(condition);
  const reads =
    confirmationsOf(condition).length > 0
      ? null
      : {
          samples: asked.map(({ key }) => key),
          metrics: asked.map(({ metric }) => metric),
          checks: checksOf(condition),
          clocks: placesOf(condition).map((place) => `trigger:${id}#${place}`),
        };
  readsKnown.set(trigger, reads);
  return reads;
}

function placesOf(condition: Condition, place = "0"): readonly string[] {
  if (condition.kind !== "all" && condition.kind !== "any") return [place];
  return [place, ...condition.of.flatMap((part, at) => placesOf(part, `${place}.${at}`))];
}
