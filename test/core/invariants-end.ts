import { exitCode } from "../../src/core/ending.ts";
import { always, type Invariant } from "./invariant.ts";
import { undoableActions, type History, type Truth } from "./random-history.ts";

/** A rule about every end of a history. */
function atEnds(
  name: string,
  rule: string,
  broken: (truth: Truth, history: History) => string | null | false,
): Invariant {
  const holds = (history: History): true | string => {
    for (const truth of history.truths) {
      const why = broken(truth, history);
      if (why !== null && why !== false) return `the end ${JSON.stringify(truth.end)}: ${why}`;
    }
    return true;
  };
  return { name, rule, holds };
}

export const onEndings: readonly Invariant[] = [
  {
    name: "no deadlock",
    rule: "a rollout that has not ended always has something to wait for",
    holds: ({ deadlock }) => deadlock ?? true,
  },
  always(
    "something is always awaited",
    "a state without an end has a pending effect",
    ({ after }) =>
      after.phase.kind !== "ended" &&
      after.phase.kind !== "idle" &&
      Object.keys(after.pending).length === 0 &&
      `nothing is pending in ${after.phase.kind}`,
  ),
  atEnds(
    "rolled back means the values are back",
    "30 and 31 are said only when every target has its baseline and nothing can land late",
    ({ end, changed, late }) =>
      end.kind === "rolled-back" &&
      (changed.length > 0 || late.length > 0) &&
      `changed: ${changed.join()}, late: ${late.join()}`,
  ),
  atEnds(
    "not restored is never called certain when an outcome is unknown",
    "40 is not restored or not verified; 41 an outcome nobody knows",
    ({ end, late }) =>
      end.kind === "rollback-failed" && end.certain && late.length > 0 && `late: ${late.join()}`,
  ),
  atEnds(
    "rolled back means every intent was undone",
    "each action with an intent was undone after its last intent, also a failed or interrupted one",
    ({ end, index }, history) => {
      if (end.kind !== "rolled-back") return false;
      const open = new Set<string>();
      const forward = new Set(undoableActions(history.plan).map(({ id }) => id));
      for (const { entry, before, step } of history.moments.slice(0, index)) {
        for (const effect of step.start)
          if (effect.kind === "undo" && effect.share === null)
            for (const id of effect.actions) open.delete(id);
        const { event } = entry;
        // The runner of an intent that comes after the end was decided sees the claim before it calls.
        if (event.kind !== "action-intended" || before.phase.kind === "ending") continue;
        if (forward.has(event.action)) open.add(event.action);
      }
      return open.size > 0 && `${[...open].join()} was not undone`;
    },
  ),
  atEnds(
    "what was not restored fails the rollback",
    "a field that is foreign, failed or unknown at the end is never called rolled back",
    ({ end, index }, { moments }) => {
      const undone = moments[index]?.before.undone ?? {};
      const bad = Object.values(undone).find(({ result }) => result !== "restored");
      return end.kind === "rolled-back" && bad !== undefined && `${bad.field} is ${bad.result}`;
    },
  ),
  atEnds(
    "rolled back means verified",
    "the gates of the verification passed on samples taken after the values were back, and its checks passed",
    ({ end, index }, history) => {
      const { gates, checks } = history.plan.rollback.verify;
      if (end.kind !== "rolled-back" || (decidedIn(history, index)?.intended.length ?? 0) === 0)
        return false;
      const restored = history.moments
        .slice(0, index)
        .findLastIndex(({ step }) => step.notes.some(({ kind }) => kind === "restored"));
      if (restored < 0) return "it was never restored";
      const after = history.moments.slice(restored, index);
      for (const { condition } of gates) {
        if (condition.kind !== "metric") continue;
        const last = after.findLast(
          ({ entry }) => entry.event.kind === "measured" && entry.event.key === condition.metric,
        )?.entry.event;
        if (last?.kind !== "measured" || last.sample.kind !== "value" || last.sample.value !== 0)
          return `${condition.text} was not seen to pass`;
      }
      for (const name of checks) {
        const last = after.findLast(
          ({ entry }) => entry.event.kind === "check-finished" && entry.event.check === name,
        )?.entry.event;
        if (last?.kind !== "check-finished" || last.result !== "pass")
          return `${name} did not pass`;
      }
      return false;
    },
  ),
  atEnds(
    "a rollback step that fails does not stop the next",
    "every action of the rollback was run, and one that failed is in the verdict",
    ({ end, index }, history) => {
      if (end.kind !== "rolled-back" || (decidedIn(history, index)?.intended.length ?? 0) === 0)
        return false;
      const claimed = history.moments
        .slice(0, index)
        .findLastIndex(({ entry }) => entry.event.kind === "claimed");
      const done = new Set(
        history.moments
          .slice(claimed, index)
          .flatMap(({ entry: { event } }) =>
            event.kind === "action-finished" && event.result === "applied" ? [event.action] : [],
          ),
      );
      const open = history.plan.rollback.actions.find(({ id }) => !done.has(id));
      return open !== undefined && `${open.id} was not run`;
    },
  ),
  atEnds(
    "31 is an abort, 30 is not",
    "the exit code says whether a person or the machine sent the rollout back",
    ({ end, index }, history) => {
      const cause = decidedIn(history, index)?.cause;
      if (end.kind !== "rolled-back" || cause === undefined) return false;
      const wanted = cause?.kind === "abort" ? 31 : 30;
      return exitCode(end) !== wanted && `cause ${cause?.kind ?? "none"}`;
    },
  ),
  atEnds(
    "promoted means nobody aborted",
    "exactly one of promote and abort wins",
    ({ end, index }, history) => {
      if (end.kind !== "promoted") return false;
      const aborted = history.moments
        .slice(0, index)
        .findIndex(
          ({ entry, before }) =>
            entry.event.kind === "interrupted" &&
            entry.epoch === before.epoch &&
            before.phase.kind !== "ending",
        );
      return aborted >= 0 && "it had been aborted";
    },
  ),
  atEnds(
    "halted past the point of no return only",
    "a rollout halts for an irreversible intent or because a person said so",
    ({ end, index }, history) => {
      const state = decidedIn(history, index);
      return (
        end.kind === "halted" &&
        state !== undefined &&
        !state.halt &&
        !state.irreversible &&
        "it halted"
      );
    },
  ),
  atEnds(
    "refused means untouched",
    "20 and 21 come before the first intent",
    ({ end, changed, index }, history) =>
      end.kind === "refused" &&
      (changed.length > 0 || (decidedIn(history, index)?.intended.length ?? 0) > 0) &&
      "something was touched",
  ),
  always(
    "an end is a claim",
    "a rollout ends by a claim that carries its end, and then starts nothing",
    ({ before, after, entry, step }) => {
      const { event } = entry;
      if (after.phase.kind !== "ended") return false;
      if (before.phase.kind !== "ended" && (event.kind !== "claimed" || event.end === null))
        return "it ended without a claim";
      return step.start.length > 0 && "something was started after the end";
    },
  ),
  always(
    "one end is asked for at a time",
    "a state that is ending has its end as the only thing pending",
    ({ after }) =>
      after.phase.kind === "ending" &&
      !Object.values(after.pending).every(({ kind }) => kind === "end") &&
      "something else is pending",
  ),
  {
    name: "effects have names of their own",
    rule: "an effect's id is unique and names its epoch, so that no late answer is mistaken",
    holds: (history) => {
      const seen = new Set<string>();
      for (const { after, step } of history.moments) {
        for (const { id } of step.start) {
          if (seen.has(id) || !id.startsWith(`${after.epoch}.`))
            return `${id} in epoch ${after.epoch}`;
          seen.add(id);
        }
      }
      return true;
    },
  },
  always(
    "unverified is 40 when red, 41 when blind",
    "a failing gate of the verification is certain, one that could not be judged is not",
    ({ before, after }) => {
      if (before.phase.kind !== "verifying" || after.phase.kind !== "ending") return false;
      const { end } = after.phase;
      if (end.kind !== "rollback-failed" || !end.why.includes("within")) return false;
      const red = Object.values(before.phase.soak.passed).includes("fail");
      const now = Object.values(after.samples).some(
        ({ sample }) => sample.kind === "value" && sample.value !== 0,
      );
      return end.certain && !red && !now && "certain without a red gate";
    },
  ),
];

/** The state in which the end was decided. */
function decidedIn(history: History, index: number): Moment["before"] | undefined {
  return history.moments
    .slice(0, index)
    .findLast(({ step }) => step.start.some(({ kind }) => kind === "end"))?.after;
}

type Moment = History["moments"][number];
