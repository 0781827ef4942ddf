import { GRACE } from "../../src/core/unwind.ts";
import { always, answers, isBack, isForward, isOwn, type Invariant } from "./invariant.ts";
import { forwardActions, fieldOf, type History } from "./random-history.ts";

function trafficOf(history: History): ReadonlySet<string> {
  const all = forwardActions(history.plan);
  return new Set(all.filter(({ role }) => role !== "change").map(({ id }) => id));
}

/** Actions that changed something after traffic went to 100 %: the side it goes back to may not be ready. */
function sinceFull(history: History, intended: readonly string[]): readonly string[] {
  const traffic = trafficOf(history);
  const full = intended.findIndex(
    (id) => forwardActions(history.plan).find((action) => action.id === id)?.share === 100,
  );
  return full < 0 ? [] : intended.slice(full).filter((id) => !traffic.has(id));
}

export const onTheWayBack: readonly Invariant[] = [
  always(
    "the way back begins at once",
    "nothing that can fail stands in front of it: the step that has a cause is the step that stops",
    ({ after }) =>
      (after.cause !== null || after.halt) && !isBack(after) && "it still goes forward",
  ),
  always(
    "abort works in every phase",
    "an abort stops whatever is going on, whatever holds or hangs",
    (moment) =>
      moment.entry.event.kind === "interrupted" &&
      isOwn(moment) &&
      !isBack(moment.before) &&
      (moment.after.cause?.kind !== "abort" || !isBack(moment.after)) &&
      "it did not stop",
  ),
  always(
    "abort is sticky, and twice is once",
    "the first cause is kept, over every later epoch",
    ({ before, after }) =>
      before.cause !== null && after.cause !== before.cause && "the cause was replaced",
  ),
  always(
    "no step forward after a cause",
    "every later epoch can only roll back",
    ({ after, step }, history) => {
      if (after.cause === null && !after.halt) return false;
      const moved = step.start.find((effect) => isForward(effect, history));
      return moved !== undefined && `${moved.kind} started`;
    },
  ),
  always(
    "who took over looks before it calls anything rolled back",
    "its journal may have lost its last lines: what no line names is read first",
    ({ after }) =>
      after.phase.kind === "ending" &&
      after.phase.end.kind === "rolled-back" &&
      after.epoch > 1 &&
      !after.searched &&
      "it did not look",
  ),
  always(
    "who took over begins nothing before it has looked",
    "what an earlier process began may be more than its journal still says",
    ({ after, step }, history) => {
      if (Object.values(after.pending).every(({ kind }) => kind !== "search")) return false;
      const begun = step.start.find((effect) => isForward(effect, history));
      return begun !== undefined && `${begun.kind} started`;
    },
  ),
  always(
    "the way back asks no metric",
    "metric sources and checks are loaded only once the values are back",
    ({ after, step }) => {
      if (after.phase.kind !== "stopping" && after.phase.kind !== "rolling-back") return false;
      if (after.phase.kind === "rolling-back" && after.phase.step === "step-down") return false;
      return step.start.some(({ kind }) => kind === "measure" || kind === "check") && "it asked";
    },
  ),
  always(
    "only an apply owes an answer",
    "checks, evidence and measurements are cut at once when the rollout stops",
    ({ before, after }) => {
      if (isBack(before) || after.phase.kind !== "stopping") return false;
      const kept = Object.values(after.pending).find(
        ({ id, kind }) =>
          before.pending[id] !== undefined &&
          kind !== "apply" &&
          kind !== "timer" &&
          kind !== "undo",
      );
      return kept !== undefined && `${kept.kind} is still pending`;
    },
  ),
  always(
    "a running apply is interrupted and has its grace",
    "it is told to stop, and waited for no longer than the grace",
    ({ before, after, step }) => {
      if (after.phase.kind !== "stopping") return false;
      const apply = Object.values(after.pending).find(({ kind }) => kind === "apply");
      // An undo that had begun answers too, before what became irreversible meanwhile halts.
      const undo = Object.values(after.pending).some(({ kind }) => kind === "undo");
      if (apply === undefined) return !undo && "stopping, and nothing owes an answer";
      if (!isBack(before) && !step.interrupt.includes(apply.id)) return "it was not interrupted";
      const bounded = Object.values(after.pending).some(
        (effect) => effect.kind === "timer" && effect.purpose === "grace" && effect.ms === GRACE,
      );
      return !bounded && "no grace runs";
    },
  ),
  always(
    "a slow apply does not delay traffic",
    "traffic goes back at once while an apply of something else still has its grace",
    ({ before, after, step }, history) => {
      if (isBack(before) || after.phase.kind !== "stopping" || after.halt || after.irreversible)
        return false;
      const traffic = trafficOf(history);
      const apply = Object.values(after.pending).find(({ kind }) => kind === "apply");
      if (apply?.kind !== "apply" || traffic.has(apply.action)) return false;
      if (!after.intended.some((id) => traffic.has(id))) return false;
      if (sinceFull(history, after.intended).length > 0) return false;
      return (
        !step.start.some((effect) => effect.kind === "undo" && effect.group === "traffic") &&
        "it waits"
      );
    },
  ),
  always(
    "a lost apply is unknown",
    "what was intended and never answered is unknown, in this epoch and in the next",
    ({ before, after, entry }) => {
      if (after.phase.kind === "ended") return false;
      for (const effect of Object.values(before.pending)) {
        if (effect.kind !== "apply" || !before.intended.includes(effect.action)) continue;
        if (after.pending[effect.id] !== undefined || after.unknown.includes(effect.action))
          continue;
        const { event } = entry;
        if (event.kind === "action-finished" && event.effect === effect.id) continue;
        return `${effect.action} was forgotten`;
      }
      return false;
    },
  ),
  always(
    "a late line is never acted on",
    "a line of a superseded epoch, and an answer to what was cut, moves nothing but the list of what is to be undone",
    ({ before, after, entry, step }, { plan }) => {
      const { event } = entry;
      const old = event.kind !== "claimed" && entry.epoch !== before.epoch;
      const id = "effect" in event ? event.effect : undefined;
      const cut =
        id !== undefined && event.kind !== "undo-intended" && before.pending[id] === undefined;
      if (!old && !cut) return false;
      const same = {
        ...after,
        intended: before.intended,
        unknown: before.unknown,
        irreversible: before.irreversible,
      };
      const late =
        event.kind === "action-intended" &&
        !plan.rollback.actions.some(({ id }) => id === event.action);
      const moved = step.start.some(
        ({ kind }) => kind !== "undo" && kind !== "secure" && kind !== "end",
      );
      if (late)
        return (!after.intended.includes(event.action) || moved) && "a late intent was lost";
      return (
        (moved || (old && JSON.stringify(same) !== JSON.stringify(before))) && "it was acted on"
      );
    },
  ),
  always(
    "only what was set is undone",
    "undo touches nothing that the rollout did not intend to change",
    ({ after, step }) => {
      for (const effect of step.start) {
        if (effect.kind !== "undo") continue;
        const foreign = effect.actions.find((id) => !after.intended.includes(id));
        if (foreign !== undefined) return `${foreign} was never intended`;
      }
      return false;
    },
  ),
  always(
    "traffic goes back first",
    "below 100 % traffic is back before anything else is undone, or is told to be stalled",
    ({ before, after, entry, step }, history) => {
      const rest = step.start.some((effect) => effect.kind === "undo" && effect.group === "rest");
      if (!rest || !after.intended.some((id) => trafficOf(history).has(id))) return false;
      const { event } = entry;
      if (event.kind === "undo-stalled") return false;
      return (
        before.undone["traffic"] === undefined &&
        after.undone["traffic"] === undefined &&
        "the rest came first"
      );
    },
  ),
  always(
    "nothing is undone twice at once",
    "one undo of a group is under way at a time",
    ({ after }) => {
      const undos = Object.values(after.pending).filter((effect) => effect.kind === "undo");
      const groups = undos.map(({ group }) => group);
      return new Set(groups).size < groups.length && `${groups.join(", ")} at once`;
    },
  ),
  always(
    "the returning side is ready before traffic comes",
    "what changed on the side that traffic goes back to is undone, and ready, before it",
    ({ after, step }, history) => {
      const traffic = step.start.find(
        (effect) => effect.kind === "undo" && effect.group === "traffic",
      );
      if (traffic?.kind !== "undo" || traffic.share !== null) return false;
      const open = sinceFull(history, after.intended).find((id) => {
        const result = after.undone[fieldOf(history.plan, id)]?.result;
        return result !== "restored" && result !== "foreign";
      });
      return open !== undefined && `${open} is not back yet`;
    },
  ),
  always(
    "past the point of no return nothing is undone",
    "an irreversible intent halts unless a person said to go back past it",
    ({ after, step }) =>
      (after.irreversible || after.halt) &&
      step.start.some(({ kind }) => kind === "undo") &&
      "something was undone",
  ),
  always(
    "a halt by a trigger pages",
    "past the point of no return a trigger halts, and says so loudly",
    ({ before, after, step }) => {
      if (after.phase.kind !== "ending" || before.phase.kind === "ending") return false;
      if (after.phase.end.kind !== "halted" || after.halt || after.cause?.kind === "abort")
        return false;
      return !step.notes.some(({ kind }) => kind === "paged") && "nobody was paged";
    },
  ),
  {
    name: "gradual only for a failed gate",
    rule: "an abort or a rollback trigger makes the way back instant, also in the middle of a gradual one",
    holds: (history) => {
      let instant = false;
      for (const [index, { entry, after, step }] of history.moments.entries()) {
        if (after.cause !== null && after.cause.kind !== "gate") instant = true;
        if (entry.event.kind === "interrupted" && entry.epoch === after.epoch) instant = true;
        if (entry.event.kind === "claimed" && entry.event.mode === "rollback") instant = true;
        if (instant && step.start.some((effect) => effect.kind === "undo" && effect.share !== null))
          return `step ${index}: a gradual step`;
      }
      return true;
    },
  },
  {
    name: "gradual goes down",
    rule: "shares above the one in force are skipped",
    holds: (history) => {
      let share = 101;
      for (const [index, { before, step }] of history.moments.entries()) {
        for (const effect of step.start) {
          if (effect.kind !== "undo" || effect.share === null) continue;
          if (effect.share >= Math.min(share, before.share ?? 0))
            return `step ${index}: up to ${effect.share}`;
          share = effect.share;
        }
      }
      return true;
    },
  },
  {
    name: "the unknown is secured and undone again",
    rule: "after an outcome nobody knows, late writes are ruled out and everything is undone once more",
    holds: (history) => {
      let isAgain = false;
      for (const [index, moment] of history.moments.entries()) {
        const { entry, before, after, step } = moment;
        const { event } = entry;
        if (event.kind === "claimed" || event.kind === "secured") isAgain = false;
        // The answer itself, and none that comes when it is not waited for any more.
        if (event.kind === "undo-finished" && event.group === "again" && answers(moment) !== null)
          isAgain = true;
        if (!step.notes.some(({ kind }) => kind === "restored")) continue;
        if (after.unknown.length > 0 && (before.secured !== true || !isAgain))
          return `step ${index}: it was not done again`;
      }
      return true;
    },
  },
  always("an answer is taken once", "every effect is answered by one event", (moment) => {
    const effect = answers(moment);
    if (effect === null || moment.entry.event.kind.endsWith("intended")) return false;
    return moment.after.pending[effect.id] !== undefined && `${effect.id} is still pending`;
  }),
];
