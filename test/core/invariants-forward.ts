import type { Condition } from "../../src/core/condition.ts";
import { measurementKey } from "../../src/core/measurements.ts";
import type { Plan, Stage } from "../../src/core/plan.ts";
import type { State } from "../../src/core/state.ts";
import type { Moment } from "../support/machine.ts";
import {
  always,
  answers,
  isBack,
  isForward,
  isOwn,
  isWatched,
  type Invariant,
} from "./invariant.ts";
import { forwardActions, type History } from "./random-history.ts";

/** A condition on a metric with a number as its limit: one that a test can judge by itself. */
type Plain = Extract<Condition, { kind: "metric" }> & { readonly limit: { kind: "number" } };

function isPlain(condition: Condition): condition is Plain {
  return condition.kind === "metric" && condition.limit.kind === "number";
}

/** What is done before the first change changes nothing, so that a hold may let it be. */
const PREPARES = new Set(["preflight", "capture"]);

/** Judged by a second pair of eyes: null where there is no value. */
function holdsNow(condition: Plain, plan: Plan, state: State): boolean | null {
  const sample = state.samples[measurementKey(condition.metric, condition.over)]?.sample;
  const least = plan.metrics[condition.metric]?.minSamples ?? 0;
  if (sample?.kind !== "value" || typeof sample.value !== "number") return null;
  if (least > 0 && (sample.samples ?? 0) < least) return null;
  const { value } = sample;
  const limit = condition.limit.value;
  return { "<": value < limit, ">": value > limit, "==": value === limit }[
    condition.operator as "<"
  ];
}

function passed(moment: Moment): string | null {
  const note = moment.step.notes.find(({ kind }) => kind === "stage-passed");
  return note?.kind === "stage-passed" ? note.stage : null;
}

function stageOf(history: History, name: string): Stage {
  const found = history.plan.stages.find((stage) => stage.name === name);
  if (found === undefined) throw new Error(`no stage ${name}`);
  return found;
}

function moreThanOneApply(state: State): boolean {
  return Object.values(state.pending).filter(({ kind }) => kind === "apply").length > 1;
}

/** The soak that the stage had when it left its observation for its closing, last before this moment. */
function leftSoak(history: History, index: number): { moment: Moment; index: number } | null {
  for (let at = index; at >= 0; at -= 1) {
    const moment = history.moments[at];
    if (moment?.after.phase.kind === "closing" && moment.before.phase.kind !== "closing")
      return { moment, index: at };
  }
  return null;
}

export const onTheWayForward: readonly Invariant[] = [
  always(
    "one apply at a time",
    "actions run in order, each until it took effect",
    ({ after }) => moreThanOneApply(after) && "two applies are pending",
  ),
  {
    name: "actions in order",
    rule: "a stage is its actions, traffic, checks, soak, gates; stages and finish follow each other",
    holds: (history) => {
      const order = forwardActions(history.plan).map(({ id }) => id);
      let last = 0;
      for (const { step } of history.moments) {
        for (const effect of step.start) {
          if (effect.kind !== "apply" || !order.includes(effect.action)) continue;
          const at = order.indexOf(effect.action);
          if (at < last) return `${effect.action} came after ${order[last] ?? ""}`;
          last = at;
        }
      }
      return true;
    },
  },
  {
    name: "no action is left out",
    rule: "an action comes after every one before it was applied, or skipped because the plan says so",
    holds: (history) => {
      const actions = forwardActions(history.plan);
      const settled = new Set<string>();
      for (const { entry, step } of history.moments) {
        const { event } = entry;
        if (event.kind === "action-finished" && event.result === "applied")
          settled.add(event.action);
        for (const effect of step.start) {
          if (effect.kind === "end" && effect.end.kind === "promoted") {
            const open = actions.find(
              ({ id, onUnknown }) => !settled.has(id) && onUnknown !== "skip",
            );
            if (open !== undefined) return `promoted without ${open.id}`;
          }
          if (effect.kind !== "apply") continue;
          const at = actions.findIndex(({ id }) => id === effect.action);
          const open = actions
            .slice(0, Math.max(0, at))
            .find(({ id, onUnknown }) => !settled.has(id) && onUnknown !== "skip");
          if (open !== undefined) return `${effect.action} before ${open.id}`;
        }
      }
      return true;
    },
  },
  always(
    "one tick at a time",
    "metrics are looked at every interval: there is one tick timer while anything is watched",
    ({ after }) => {
      const ticks = Object.values(after.pending).filter(
        (effect) => effect.kind === "timer" && effect.purpose === "tick",
      ).length;
      if (ticks > 1) return `${ticks} ticks`;
      return isWatched(after) && ticks === 0 && "nothing watches";
    },
  ),
  always(
    "a hold holds",
    "while something holds, nothing moves forward",
    ({ after, step }, history) => {
      if (after.hold === null || after.hold.kind === "waiting" || isBack(after)) return false;
      const moved = step.start.find(
        (effect) => isForward(effect, history) && !PREPARES.has(effect.kind),
      );
      return moved !== undefined && `${moved.kind} started although ${after.hold.kind} holds`;
    },
  ),
  always(
    "no stage passes while held",
    "a hold stops the passing of a stage too",
    (moment) =>
      passed(moment) !== null &&
      moment.before.hold !== null &&
      moment.before.hold.kind !== "waiting" &&
      "it passed",
  ),
  always(
    "a person's hold waits for a person",
    "what only a person clears ends by resume, by the way back, or in another process's hands",
    ({ before, after, entry }) => {
      if (before.hold?.clears !== "person" || after.hold?.id === before.hold.id) return false;
      if (isBack(after) || entry.event.kind === "claimed") return false;
      return (
        !(entry.event.kind === "word-received" && entry.event.word.kind === "resume") &&
        "the hold went away"
      );
    },
  ),
  always(
    "a stale word is refused",
    "a word names the hold it answers, and one whose hold is over changes nothing",
    ({ before, after, entry, step }) => {
      const { event } = entry;
      if (event.kind !== "word-received" || event.word.hold === null) return false;
      if (event.word.hold === before.hold?.id) return false;
      if (after.hold !== null && after.hold.id !== before.hold?.id && !isBack(after)) return false;
      return !step.notes.some(({ kind }) => kind === "word-refused") && "it was not refused";
    },
  ),
  {
    name: "read back before each forward effect",
    rule: "everything set is read back right before the next change and before promoted",
    holds: (history) => {
      let fresh = false;
      for (const [index, moment] of history.moments.entries()) {
        const { event } = moment.entry;
        const { before } = moment;
        if (event.kind === "read-back-finished" && answers(moment) !== null)
          fresh = event.differences.length === 0 && event.unreadable === null;
        else if (event.kind === "claimed" || event.kind === "action-finished") fresh = false;
        if (
          before.hold !== null &&
          before.hold.kind !== "waiting" &&
          event.kind !== "read-back-finished"
        )
          fresh = false;
        for (const effect of moment.step.start) {
          if (effect.kind !== "apply" && effect.kind !== "end") continue;
          if (!isForward(effect, history) || fresh || before.intended.length === 0) continue;
          return `step ${index}: ${effect.kind} without a read-back`;
        }
      }
      return true;
    },
  },
  always(
    "a difference holds",
    "what someone else changed, or what cannot be read back, holds with a diff",
    (moment) => {
      const { event } = moment.entry;
      if (event.kind !== "read-back-finished" || answers(moment) === null) return false;
      if (event.differences.length === 0 && event.unreadable === null) return false;
      return !isBack(moment.after) && moment.after.hold === null && "nothing holds";
    },
  ),
  always(
    "promotion needs positive evidence",
    "a stage passes only on values that pass: silence, staleness, errors and too few samples never promote",
    (moment, history) => {
      const name = passed(moment);
      if (name === null) return false;
      for (const { condition } of stageOf(history, name).gates) {
        if (!isPlain(condition)) continue;
        if (holdsNow(condition, history.plan, moment.after) !== true)
          return `${condition.text} does not hold`;
      }
      return false;
    },
  ),
  always(
    "a stage soaks green without a break",
    "within the last soak before a stage leaves its observation no sample of a gate was red or blind",
    (moment, history, index) => {
      const name = passed(moment);
      const left = name === null ? null : leftSoak(history, index);
      if (name === null || left === null) return false;
      const stage = stageOf(history, name);
      const { phase } = left.moment.after;
      if (stage.tolerate > 0 || phase.kind !== "closing") return false;
      const end = phase.soak.lastTick;
      for (const { entry, after } of history.moments.slice(0, left.index + 1)) {
        const { event } = entry;
        if (event.kind !== "measured" || entry.epoch !== moment.entry.epoch) continue;
        for (const { condition } of stage.gates) {
          if (!isPlain(condition) || event.key !== measurementKey(condition.metric, condition.over))
            continue;
          const window = history.plan.metrics[condition.metric]?.window ?? 0;
          if (entry.mono <= Math.max(end - stage.soak, phase.soak.clock + window)) continue;
          const result = holdsNow(condition, history.plan, after);
          const sample = event.sample.kind;
          if (result === false || sample !== "value")
            return `${condition.text} was ${sample} at ${entry.mono}, less than a soak before ${end}`;
        }
      }
      return false;
    },
  ),
  always(
    "a gate is judged on its own stage's traffic only",
    "until stage clock + range a gate's samples count neither way",
    ({ before, after, step, entry }, { plan }) => {
      if (before.phase.kind !== "observing") return false;
      const { clock } = before.phase.soak;
      const stage = plan.stages[after.stage];
      for (const note of step.notes) {
        if (note.kind !== "gate-judged") continue;
        const gate = stage?.gates.find(({ condition }) => condition.text === note.gate);
        if (gate?.condition.kind !== "metric") continue;
        const window = plan.metrics[gate.condition.metric]?.window ?? 0;
        if (entry.mono < clock + window) return `${note.gate} judged at ${entry.mono - clock} ms`;
      }
      return false;
    },
  ),
  always(
    "triggers come first",
    "a rollback trigger that fires stops the rollout in the same step, in every phase and under every hold",
    (moment, history) => {
      const { event } = moment.entry;
      if (event.kind !== "measured" || !isOwn(moment) || answers(moment) === null) return false;
      if (!isWatched(moment.before)) return false;
      for (const { condition, does } of history.plan.triggers) {
        if (does !== "rollback" || !isPlain(condition) || condition.for > 0) continue;
        const sampled = measurementKey(condition.metric, condition.over) === event.key;
        if (
          sampled &&
          holdsNow(condition, history.plan, moment.after) === true &&
          !isBack(moment.after)
        )
          return `${condition.text} held and nothing stopped`;
      }
      return false;
    },
  ),
  always(
    "error is not failure",
    "a cause that names a gate or trigger rests on a value, never on silence",
    ({ before, after }, history) => {
      if (before.cause !== null || after.cause === null) return false;
      if (after.cause.kind !== "trigger") return false;
      const text = after.cause.text;
      const trigger = history.plan.triggers.find(({ name }) => text.startsWith(`${name}:`));
      if (trigger === undefined || !isPlain(trigger.condition)) return false;
      return holdsNow(trigger.condition, history.plan, after) !== true && `${text} without a value`;
    },
  ),
  always(
    "blindness holds before it rolls back",
    "a blind gate or trigger holds; only after maxBlind does it roll back, and at 100 % it pages instead",
    ({ before, after }) => {
      if (before.cause !== null || after.cause?.kind !== "blind") return false;
      if (before.share === 100) return "it went back at 100 %";
      return before.blindSince === null && "it was not blind before";
    },
  ),
  always(
    "a wait for a person is no blindness",
    "time waiting for a confirmation is not counted by maxBlind, however little is seen meanwhile",
    ({ before, after }) => {
      if (after.hold?.kind === "waiting" && after.blindSince !== null) return "it is counted";
      return (
        before.hold?.kind === "waiting" &&
        before.cause === null &&
        after.cause?.kind === "blind" &&
        "it went back"
      );
    },
  ),
  always(
    "a word does not end blindness",
    "triggers stay on while a person is waited for: the stage goes on only when none of them is blind",
    ({ before, after }, { plan }) => {
      if (before.hold?.kind !== "waiting" || after.phase.kind !== "closing") return false;
      if (after.phase.step === "checks") return false;
      const blind = plan.triggers.find(({ does, condition }) => {
        if (does === "warn" || !isPlain(condition)) return false;
        const sample = after.samples[measurementKey(condition.metric, condition.over)]?.sample;
        return sample?.kind === "stale" || sample?.kind === "error";
      });
      return blind !== undefined && `${blind.name} cannot be judged`;
    },
  ),
  {
    name: "maxBlind is waited for",
    rule: "nothing goes back for blindness sooner than maxBlind after sight was lost",
    holds: (history) => {
      for (const [index, { before, after, entry }] of history.moments.entries()) {
        if (before.cause !== null || after.cause?.kind !== "blind") continue;
        const recent = history.moments
          .slice(0, index)
          .findLast((moment) => moment.after.blindSince === null && isWatched(moment.after));
        if (recent === undefined) continue;
        if (
          entry.epoch === recent.entry.epoch &&
          entry.mono - recent.entry.mono < history.plan.maxBlind
        )
          return `step ${index}: blind for ${entry.mono - recent.entry.mono} ms only`;
      }
      return true;
    },
  },
  always(
    "away is not observed",
    "a runner that was away, or whose clocks disagree by more than an interval, restarts soak and window",
    ({ before, after, entry }, { plan }) => {
      if (before.phase.kind !== "observing" || after.phase.kind !== "observing") return false;
      const earlier = before.phase.soak;
      const later = after.phase.soak;
      if (later.lastTick === earlier.lastTick || later.began !== earlier.began) return false;
      const interval = plan.stages[after.stage]?.interval ?? plan.interval;
      const elapsed = later.lastTick - earlier.lastTick;
      const skew = Math.abs(later.lastTickAt - earlier.lastTickAt - elapsed);
      if (elapsed <= 3 * interval && skew <= interval) return false;
      return (later.green > 0 || later.clock !== entry.mono) && "the soak went on";
    },
  ),
  {
    name: "unsafe calls are not run twice",
    rule: "an exec whose outcome is unknown is run again only if the plan says so or a person resumed",
    holds: (history) => {
      const actions = new Map(forwardActions(history.plan).map((action) => [action.id, action]));
      const begun = new Set<string>();
      let resumed = false;
      for (const [index, { entry, step, before }] of history.moments.entries()) {
        const { event } = entry;
        if (event.kind === "action-intended") begun.add(event.action);
        if (
          event.kind === "word-received" &&
          event.word.kind === "resume" &&
          before.hold?.kind === "unknown"
        )
          resumed = true;
        for (const effect of step.start) {
          if (effect.kind !== "apply" || !begun.has(effect.action)) continue;
          const action = actions.get(effect.action);
          if (action === undefined || action.undo === "auto" || action.onUnknown === "rerun")
            continue;
          if (action.onUnknown === "skip" || !resumed)
            return `step ${index}: ${effect.action} ran again`;
        }
      }
      return true;
    },
  },
  always(
    "the baseline is captured once",
    "captured before the first intent, and never again",
    ({ before, step }) =>
      step.start.some(({ kind }) => kind === "capture") &&
      (before.stage >= 0 || before.intended.length > 0) &&
      "captured after the start",
  ),
  {
    name: "promoted means every stage passed",
    rule: "promoted comes after each stage passed, in order",
    holds: (history) => {
      const names = history.moments.flatMap((moment) => passed(moment) ?? []);
      const wanted = history.plan.stages.map(({ name }) => name);
      const ended = history.truths.some(({ end }) => end.kind === "promoted");
      return !ended || JSON.stringify(names) === JSON.stringify(wanted) || `only ${names.join()}`;
    },
  },
];
