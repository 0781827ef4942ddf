import { exitCode, type End } from "../../src/core/ending.ts";
import { sameValue, type FieldValue } from "../../src/core/field.ts";
import { endsOf, linesOf, type Line } from "./lines.ts";
import { orderRules } from "./order-rules.ts";
import { GOOD, INTERVAL, NO_RETURN, SOAK } from "./plan.ts";
import type { Rule } from "./rule.ts";
import { BASELINE, FOREIGN, type History } from "./world.ts";

const isNoReturn = ({ event }: Line): boolean =>
  event.kind === "action-intended" && event.action === NO_RETURN;

/** An intent right before the loss of the journal was never acted on, also where its line came to the store later. */
function isBegun(line: Line, index: number, lines: readonly Line[]): boolean {
  return isNoReturn(line) && lines[index + 1]?.event.kind !== "journal-lost";
}

/** A sample that a stage was passed on and should not have been, of those that were asked for in its soak; null for none. */
function badBefore(history: History, passed: Line): string | null {
  const own = linesOf(history).filter(({ epoch }) => epoch === passed.epoch);
  const before = own.slice(0, own.indexOf(passed));
  const began = before.findLastIndex(({ event }) => SOAKS.has(event.kind));
  // What was asked before the soak may be answered in it, and is not listened to: the first tick of the soak asks anew.
  const tick = before.slice(began).find(({ event }) => event.kind === "timer-fired");
  if (tick === undefined) return null;
  const asked = Math.max(numberOf(tick), ...before.slice(0, began).map(numberOf));
  const bad = before.slice(began).find(
    (line) =>
      line.event.kind === "measured" &&
      numberOf(line) > asked &&
      // What was red before made the soak begin again, without a word.
      line.mono > passed.mono - SOAK + INTERVAL &&
      !(line.event.sample.kind === "value" && Number(line.event.sample.value) <= GOOD),
  );
  return bad === undefined ? null : bad.text;
}

/** The number of the effect that a line answers, in its epoch; 0 for none. */
function numberOf({ event }: Line): number {
  return "effect" in event ? Number(event.effect.split(".")[1]) : 0;
}

/** A soak begins, or begins again. */
const SOAKS: ReadonlySet<string> = new Set(["soak-started", "soak-restarted", "claimed"]);

/** A line is made before the store has it. */
function storedAt({ ledger }: History, { text, mono }: Line): number {
  return ledger.stored.get(text) ?? mono;
}

const isUndo = ({ event }: Line): boolean => event.kind === "undo-intended";

/** What canary writes on the way back alone: the value from before, also where somebody else had just set it. */
function isWayBack(key: string, value: FieldValue): boolean {
  return sameValue(value, FOREIGN) || sameValue(value, BASELINE[key] ?? { present: false });
}

const lastEnd = (history: History): End | null => endsOf(history).at(-1)?.end ?? null;

/** All that must be true of every run, whatever happened in it. */
export const rules: readonly Rule[] = [
  ...orderRules,
  {
    name: "31 and 30 mean: in the world every field is at its baseline, also after every thaw",
    broken(history) {
      if (lastEnd(history)?.kind !== "rolled-back") return null;
      for (const [key, baseline] of Object.entries(BASELINE)) {
        if (history.targets.foreign.has(key)) continue;
        const live = history.targets.values.get(key) ?? { present: false };
        if (!sameValue(live, baseline)) return `${key} is ${JSON.stringify(live)}`;
      }
      return null;
    },
  },
  {
    name: "a rollout that was refused has written nothing",
    broken: (history) =>
      lastEnd(history)?.kind === "refused" && history.targets.landed.length > 0
        ? JSON.stringify(history.targets.landed[0])
        : null,
  },
  {
    name: "no stage passes on a measurement of its soak that is not good",
    broken(history) {
      for (const passed of linesOf(history)) {
        if (passed.event.kind !== "stage-passed") continue;
        const bad = badBefore(history, passed);
        if (bad !== null) return `${passed.event.stage} at ${passed.mono} on ${bad}`;
      }
      return null;
    },
  },
  {
    name: "promoted means: the last stage was soaked on measurements, and the last values are live",
    broken(history) {
      const last = endsOf(history).at(-1);
      if (last?.end.kind !== "promoted") return null;
      const passed = linesOf(history).findLast(({ event }) => event.kind === "stage-passed");
      if (passed === undefined) return "no stage passed";
      // Who passed it may have died right after, and a resume claimed the end.
      const owner = linesOf(history).find(({ epoch }) => epoch === passed.epoch)?.event;
      const pid = owner?.kind === "claimed" ? owner.owner.pid : 0;
      // The line comes when the store has taken those before it: the soak is what was asked since it began.
      const began = linesOf(history).findLast(
        ({ event, mono }) => SOAKS.has(event.kind) && mono <= passed.mono,
      );
      const seen = history.served.filter(
        ({ at, pid: by }) => by === pid && at <= passed.mono && at > (began?.mono ?? 0),
      );
      // A tick may be up to three intervals late.
      if (seen.length < SOAK / INTERVAL / 3)
        return `only ${seen.length} measurements in the last soak`;
      if (history.targets.foreign.size > 0) return null;
      const share = history.source.plan.stages.at(-1)?.share;
      const live = history.targets.values.get("weight");
      return live?.present === true && live.value === share ? null : JSON.stringify(live);
    },
  },
  {
    name: "every process leaves with the exit code of the end that stands, or says that it does not know",
    broken(history) {
      const ends = endsOf(history).map(({ end }) => exitCode(end));
      for (const { name, pid, outcome } of history.left) {
        if (outcome instanceof Error) continue;
        if (outcome.kind === "ended" && !ends.includes(outcome.exit))
          return `${name} (${pid}) left with ${outcome.exit}, and the ends are ${ends.join(", ")}`;
      }
      return null;
    },
  },
  {
    name: "every write that took effect has an intent in the journal that names it",
    broken(history) {
      const intended = new Set<string>();
      for (const { epoch, event } of linesOf(history)) {
        if (event.kind === "action-intended")
          for (const key of Object.keys(event.fields)) intended.add(`${epoch} ${key}`);
        if (event.kind === "undo-intended")
          for (const key of event.fields) intended.add(`${epoch} ${key}`);
      }
      const stray = history.targets.landed.find(
        // On the way back a store that is silent stops nothing: what such a write sets is the baseline.
        ({ epoch, key, value }) => !intended.has(`${epoch} ${key}`) && !isWayBack(key, value),
      );
      return stray === undefined ? null : JSON.stringify(stray);
    },
  },
  {
    name: "after a rolled-back end stands, no value but the baseline ever takes effect again",
    broken(history) {
      const [last] = endsOf(history).toReversed();
      if (last?.end.kind !== "rolled-back") return null;
      const late = history.targets.landed.find(
        ({ at, key, value }) => at > last.mono && !isWayBack(key, value),
      );
      return late === undefined ? null : JSON.stringify(late);
    },
  },
  {
    name: "no forward write is sent by an epoch below one that has aborted, but for what was under way",
    broken(history) {
      const aborted = linesOf(history).find(
        ({ event }) =>
          event.kind === "claimed" && event.cause?.kind === "abort" && event.end === null,
      );
      if (aborted === undefined || !history.fenced) return null;
      const secured = linesOf(history).find(
        ({ epoch, event }) => epoch >= aborted.epoch && event.kind === "secured" && event.certain,
      );
      if (secured === undefined) return null;
      const late = history.targets.landed.find(
        ({ at, epoch, key, value }) =>
          epoch < aborted.epoch && at > secured.mono && !isWayBack(key, value),
      );
      return late === undefined ? null : JSON.stringify(late);
    },
  },
  {
    name: "42 means: something that cannot be undone cleanly was begun",
    broken(history) {
      const begun = linesOf(history).find(isNoReturn)?.mono ?? Number.POSITIVE_INFINITY;
      const early = endsOf(history).find(({ end, mono }) => end.kind === "halted" && mono < begun);
      return early === undefined ? null : JSON.stringify(early);
    },
  },
  {
    name: "past a point of no return nothing is undone unasked",
    broken(history) {
      const lines = linesOf(history);
      const asked = lines.find(
        ({ event }) => event.kind === "claimed" && event.pastIrreversible === true,
      );
      for (const { epoch } of history.epochs) {
        if (epoch >= (asked?.epoch ?? Number.POSITIVE_INFINITY)) break;
        const own = lines.filter((line) => line.epoch === epoch);
        const claimed = own[0] === undefined ? 0 : storedAt(history, own[0]);
        // Where its line is lost nobody knows of it before everything else is back.
        const isKnown = lines.some(
          (line) =>
            line.epoch < epoch &&
            storedAt(history, line) <= claimed &&
            isNoReturn(line) &&
            !history.lost.has(line.text),
        );
        const from = isKnown ? 0 : own.findIndex(isBegun);
        const undo = from < 0 ? undefined : own.slice(from).find(isUndo);
        if (undo !== undefined) return `epoch ${epoch}: ${JSON.stringify(undo.event)}`;
      }
      return null;
    },
  },
  {
    name: "no stage passes on a soak over which its wall clock jumped",
    broken(history) {
      const lines = linesOf(history);
      for (const { epoch, mono, event } of lines) {
        if (event.kind !== "stage-passed") continue;
        const claim = lines.find((line) => line.epoch === epoch)?.event;
        const host = claim?.kind === "claimed" ? claim.owner.host : "";
        const over = history.jumps.find(
          (jump) =>
            jump.host === host &&
            Math.abs(jump.by) > 2 * INTERVAL &&
            jump.at > mono - SOAK + 2 * INTERVAL &&
            jump.at < mono - 2 * INTERVAL,
        );
        if (over !== undefined) return `${event.stage} passed at ${mono}, ${JSON.stringify(over)}`;
      }
      return null;
    },
  },
  {
    name: "every process comes to an end",
    broken: ({ stuck }) => (stuck.length === 0 ? null : stuck.join(", ")),
  },
  {
    name: "what ended is an end and never a bug",
    broken({ left }) {
      const bug = left.find(
        ({ outcome }) =>
          outcome instanceof Error && !/store|space|no rollout|plan\.json/u.test(outcome.message),
      );
      return bug === undefined ? null : `${bug.name}: ${(bug.outcome as Error).stack ?? ""}`;
    },
  },
  {
    name: "a rollout that began has an end that stands",
    broken(history) {
      if (history.epochs.length === 0) return null;
      return lastEnd(history) === null ? "no end was claimed" : null;
    },
  },
  {
    name: "with a world that healed, the last abort restores what is not promoted",
    broken(history) {
      const end = lastEnd(history);
      return end?.kind === "halted" ? JSON.stringify(end) : null;
    },
  },
];
