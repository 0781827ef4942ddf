import type { Condition } from "../../src/core/condition.ts";
import { measurementKey } from "../../src/core/measurements.ts";
import type { Metric, Stage } from "../../src/core/plan.ts";
import type { Moment } from "../support/machine.ts";
import { always, answers, isBack, isOwn, type Invariant } from "./invariant.ts";
import type { History } from "./random-history.ts";

type MetricCondition = Extract<Condition, { kind: "metric" }>;

function passed({ step }: Moment): string | null {
  const note = step.notes.find(({ kind }) => kind === "stage-passed");
  return note?.kind === "stage-passed" ? note.stage : null;
}

function windowOf({ over }: MetricCondition, metric: Metric | undefined): number {
  if (over !== null) return over.kind === "window" ? over.ms : 0;
  return metric?.window ?? 0;
}

function stageAt({ plan }: History, index: number): Stage {
  const stage = plan.stages[index];
  if (stage === undefined) throw new Error(`no stage ${index}`);
  return stage;
}

/** The moments since the stage in force before this one began, this one included. */
function sinceStage(history: History, index: number): readonly Moment[] {
  const began = history.moments
    .slice(0, index)
    .findLastIndex(({ step }) => step.notes.some(({ kind }) => kind === "stage-started"));
  return history.moments.slice(Math.max(0, began), index + 1);
}

/** The moments since the stage left its observation for the last time before this one, both included. */
function sinceSoak(history: History, index: number): readonly Moment[] {
  const left = history.moments
    .slice(0, index + 1)
    .findLastIndex(
      ({ before, after }) => after.phase.kind === "closing" && before.phase.kind !== "closing",
    );
  return history.moments.slice(Math.max(0, left), index + 1);
}

/** How a check that was asked to its end answered last; the probes of a trigger on the same check are none. */
function lastCheck(moments: readonly Moment[], name: string): string | null {
  const found = moments.findLast(({ entry, before }) => {
    const { event } = entry;
    if (event.kind !== "check-finished" || event.check !== name) return false;
    const effect = before.pending[event.effect];
    return effect?.kind === "check" && effect.mode === "settled";
  })?.entry.event;
  return found?.kind === "check-finished" ? found.result : null;
}

export const inStages: readonly Invariant[] = [
  always(
    "a stage soaks after its checks",
    "traffic is shifted, then every check of the stage passes, then its clock starts",
    ({ step, after }, history, index) => {
      if (!step.notes.some(({ kind }) => kind === "soak-started")) return false;
      const moments = sinceStage(history, index);
      const own = new Set(stageAt(history, after.stage).actions.map(({ id }) => id));
      const applied = moments.findLastIndex(
        ({ entry: { event } }) => event.kind === "action-finished" && own.has(event.action),
      );
      const rest = moments.slice(applied + 1);
      const open = stageAt(history, after.stage).checks.find(
        (name) => lastCheck(rest, name) !== "pass",
      );
      return open !== undefined && `without ${open}`;
    },
  ),
  always(
    "a stage passes with its evidence",
    "evidence comes after the gates, and what is required is there",
    (moment) => {
      if (passed(moment) === null) return false;
      const { event } = moment.entry;
      if (event.kind !== "collected" || answers(moment) === null) return "without its evidence";
      return event.missingRequired.length > 0 && "required evidence is missing";
    },
  ),
  always(
    "what passes a gate was observed within its stage",
    "a value that its source observed before the stage, or before the window that it is asked about, passes nothing",
    (moment, { plan }) => {
      const { phase, samples, stage, overridden } = moment.before;
      if (passed(moment) === null || phase.kind !== "closing") return false;
      for (const { id, condition } of plan.stages[stage]?.gates ?? []) {
        if (condition.kind !== "metric" || overridden.includes(id)) continue;
        const measured = samples[measurementKey(condition.metric, condition.over)];
        if (measured?.observed === undefined) continue;
        const { observed, at, asked = at } = measured;
        const { clock } = phase.soak;
        const window = windowOf(condition, plan.metrics[condition.metric]);
        const isRecent = observed >= asked - window || observed >= clock + window;
        if (observed < clock || !isRecent) return `${condition.metric} was observed too early`;
      }
      return false;
    },
  ),
  always(
    "read back before a stage passes",
    "what was set is read back once more after the soak",
    (moment, history, index) => {
      if (passed(moment) === null || moment.before.intended.length === 0) return false;
      const isRead = sinceSoak(history, index).some(
        (earlier) =>
          earlier.entry.event.kind === "read-back-finished" &&
          answers(earlier) !== null &&
          earlier.entry.event.differences.length === 0 &&
          earlier.entry.event.unreadable === null,
      );
      return !isRead && "it was not read back";
    },
  ),
  always(
    "what is asked once is asked at the end",
    "a gate's check and a person's word are there, and positive, when the stage passes",
    (moment, history, index) => {
      if (passed(moment) === null) return false;
      for (const { condition } of stageAt(history, moment.before.stage).gates) {
        if (condition.kind === "confirmed") {
          const word = moment.after.confirmations[condition.check];
          if (word?.yes !== true) return `${condition.check} was not confirmed`;
        }
        if (condition.kind !== "check") continue;
        if (history.plan.checks[condition.check]?.interval !== null) continue;
        if (lastCheck(sinceSoak(history, index), condition.check) !== "pass")
          return `${condition.check} did not pass`;
      }
      return false;
    },
  ),
  always(
    "a stage is bounded",
    "at `within` an unpassed stage goes back or holds",
    ({ before, after }, history) => {
      if (before.phase.kind !== "observing" || after.phase.kind !== "observing") return false;
      const { soak } = after.phase;
      // A tick after which everything begins anew was not observed: the next one is.
      if (soak.lastTick === before.phase.soak.lastTick || soak.clock === soak.lastTick)
        return false;
      const stage = stageAt(history, after.stage);
      if (soak.lastTick - soak.began - soak.waited < stage.within) return false;
      // It has passed its soak, and goes on when what a person has it run is over.
      if (soak.green >= stage.soak && after.playbook !== null) return false;
      return after.hold === null && after.cause === null && "it goes on";
    },
  ),
  always(
    "only red goes back at `within`",
    "a stage that did not pass goes back for a gate that was red, never sooner than its bound, and never for silence",
    ({ before, after, entry }, history, index) => {
      if (before.cause !== null || after.cause?.kind !== "gate") return false;
      if (!after.cause.text.includes("did not pass within")) return false;
      if (before.phase.kind !== "observing" && before.phase.kind !== "closing")
        return "it was not observed";
      const stage = stageAt(history, before.stage);
      if (entry.mono - before.phase.soak.began < stage.within) return "too early";
      const wasRed = sinceStage(history, index).some(({ step }) =>
        step.notes.some((note) => note.kind === "gate-judged" && note.outcome === "fail"),
      );
      return !wasRed && "no gate was red";
    },
  ),
  always(
    "blindness at 100 % pages",
    "where stable serves nothing any more a person is called instead",
    ({ before, after, step }) =>
      after.blindPaged &&
      !before.blindPaged &&
      (before.share !== 100 || !step.notes.some(({ kind }) => kind === "paged")) &&
      "nobody was called, or too early",
  ),
  always(
    "nothing is counted twice",
    "evidence is of windows that follow each other, each wholly within the time in which its stage was observed",
    ({ before, after, entry }, { plan }) => {
      for (const [key, claim] of Object.entries(after.claims)) {
        const earlier = before.claims[key];
        if (entry.event.kind === "claimed" || claim === earlier) continue;
        if (before.phase.kind !== "observing" && before.phase.kind !== "closing")
          return `${key} counted in ${before.phase.kind}`;
        const { soak } = before.phase;
        const from = Math.max(soak.clock, earlier?.clock === claim.clock ? earlier.until : 0);
        const window = plan.metrics["rate"]?.window ?? 0;
        if (claim.until - window < from) return `${key} counted ${from} twice`;
      }
      return false;
    },
  ),
  always(
    "worse is proven, not seen",
    "a trigger that compares with stable at a confidence fires on evidence of that strength",
    ({ before, after }) => {
      if (before.cause !== null || after.cause?.kind !== "trigger") return false;
      if (!after.cause.text.startsWith("rate > 1.1x stable")) return false;
      const claim = Object.entries(after.claims).find(([key]) => key.startsWith("trigger:"))?.[1];
      return (claim?.kind !== "counts" || Math.exp(-claim.test.peak) > 0.05) && "without evidence";
    },
  ),
  always(
    "where nothing is ready traffic stays",
    "a returning side that did not come back stops the way back, pages, and never gets the traffic",
    (moment) => {
      const { event } = moment.entry;
      const { phase } = moment.before;
      if (event.kind !== "undo-finished" || answers(moment) === null) return false;
      if (phase.kind !== "rolling-back" || phase.step !== "returning-side") return false;
      if (event.group !== "returning-side") return false;
      const isStuck = event.results.some(
        ({ result }) => result === "failed" || result === "unknown",
      );
      if (!isStuck) return false;
      if (moment.step.start.some(({ kind }) => kind === "undo")) return "it went on";
      return !moment.step.notes.some(({ kind }) => kind === "paged") && "nobody was called";
    },
  ),
  always(
    "observers move nothing",
    "a decision that is read again, a message delivered or not: none of them delays or changes anything",
    (moment) => {
      const { entry, before, after, step } = moment;
      if (!isOwn(moment) || !OBSERVED.has(entry.event.kind)) return false;
      const { start, cancel, interrupt, notes } = step;
      if (start.length + cancel.length + interrupt.length + notes.length > 0) return "it moved";
      return JSON.stringify(before) !== JSON.stringify(after) && "the state changed";
    },
  ),
  {
    name: "the kill switch",
    rule: "from the moment an abort is accepted no forward effect begins, in this epoch or any later one",
    holds: (history) => {
      let since = -1;
      for (const [index, moment] of history.moments.entries()) {
        if (since < 0 && isAbort(moment)) since = index;
        if (since < 0) continue;
        const forward = moment.step.start.find(
          (effect) =>
            FORWARD.has(effect.kind) ||
            (effect.kind === "end" && effect.end.kind === "promoted") ||
            (effect.kind === "apply" &&
              !history.plan.rollback.actions.some(({ id }) => id === effect.action)),
        );
        if (forward !== undefined)
          return `step ${index}: ${forward.kind} after the abort of step ${since}`;
        if (!isBack(moment.after))
          return `step ${index}: ${moment.after.phase.kind} after the abort of step ${since}`;
      }
      return true;
    },
  },
];

/** An end that is already being claimed is not undone by a signal: exactly one of the two wins. */
function isAbort(moment: Moment): boolean {
  const { entry, before } = moment;
  if (entry.event.kind === "claimed") return entry.event.mode === "rollback";
  const isOver = before.phase.kind === "ending" || before.phase.kind === "ended";
  return entry.event.kind === "interrupted" && isOwn(moment) && !isOver;
}

const FORWARD = new Set(["preflight", "capture", "read-back"]);

const OBSERVED = new Set(["warned", "paged"]);
