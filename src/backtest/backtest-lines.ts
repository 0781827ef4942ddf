import { formatDuration } from "../report/format-duration.ts";
import type { Calibration } from "./calibrate.ts";
import type { PastRollout } from "./play-rollout.ts";
import type { IncidentMet, Summary } from "./summarize.ts";

/** One rollout of the past, for people. */
export function rolloutLine({ from, to, stage, end }: PastRollout): string {
  const when = new Date(from).toISOString().replace(/\.\d+Z$/u, "Z");
  const after = `after ${formatDuration(to - from)}`;
  const place = stage === null ? "" : ` in ${stage}`;
  switch (end.kind) {
    case "promoted":
      return `${when}  promoted ${after}`;
    case "rolled-back":
      return `${when}  ROLLED BACK${place} ${after}: ${end.cause.text}`;
    case "held":
      return `${when}  held for a person${place} ${after}: ${end.why}`;
    case "refused":
      return `${when}  would not have started: ${end.why}`;
    case "cut":
      return `${when}  not over${place} when the time ended`;
  }
}

/** All rollouts together. */
export function summaryLines({ counts, quiet, incidents }: Summary): readonly string[] {
  const words = [
    [counts.promoted, "promoted"],
    [counts["rolled-back"], "rolled back"],
    [counts.held, "held for a person"],
    [counts.refused, "not started"],
    [counts.cut, "not over"],
  ] as const;
  const total = words.reduce((sum, [count]) => sum + count, 0);
  const parts = words.flatMap(([count, word]) => (count === 0 ? [] : [`${count} ${word}`]));
  return [
    `${total} rollouts: ${parts.join(", ")}`,
    quietLine(quiet, incidents.length > 0),
    ...incidents.map(incidentLine),
  ];
}

function quietLine(quiet: Summary["quiet"], hasIncidents: boolean): string {
  if (quiet === null) return "false alarms: no rollout of a quiet time was played to its end";
  const where = hasIncidents ? " outside of the incidents" : "";
  const [low, high] = quiet.interval.map(percent);
  const blind = quiet.blind === 0 ? "" : `; ${quiet.blind} of them because nothing was measured`;
  return (
    `false alarms, if nothing was wrong${where}: ${quiet.alarms} of ${quiet.rollouts} ` +
    `(${percent(quiet.rate)}; at 95 % between ${low} and ${high})${blind}`
  );
}

function incidentLine({ from, after, isUnseen }: IncidentMet): string {
  const when = new Date(from).toISOString().replace(/\.\d+Z$/u, "Z");
  if (isUnseen) return `incident ${when}: no rollout was under way`;
  return after === null
    ? `incident ${when}: MISSED, no rollout went back`
    : `incident ${when}: rolled back ${formatDuration(after)} after its beginning`;
}

/** What the past suggests to write into the plan. */
export function calibrationLines(calibrations: readonly Calibration[]): readonly string[] {
  if (calibrations.length === 0)
    return ["calibration: no condition compares a metric with stable at a `confidence`"];
  return calibrations.flatMap((each) => ["", ...linesOf(each)]);
}

function linesOf(calibration: Calibration): readonly string[] {
  const { metric, problem, looks, events, ratio, designEffect, stretches, margins, margin } =
    calibration;
  if (problem !== null) return [`${metric}: nothing can be said: ${problem}`];
  const seen = `${metric}: ${looks} windows with ${Math.round(events)} events`;
  if (designEffect === null) return [`${seen}: too few to say anything`];
  const likeness = ratio === null ? "" : `; the canary's rate was ${digits(ratio)}x stable's`;
  const tried = margins.map((each) => `${each.margin}x ${each.worse}`).join(", ");
  return [
    `${seen}${likeness}`,
    `  designEffect: ${digits(Math.max(1, Math.ceil(designEffect * 10) / 10))}   # measured ${digits(designEffect)}`,
    `  found worse in ${stretches} stretches as long as a rollout, by margin: ${tried}`,
    stretches === 0
      ? "  margin: the time is shorter than one rollout"
      : margin === null
        ? "  margin: none of these keeps the stated rate: the arms differ, or something was wrong"
        : `  margin: write ${metric} > ${margin}x stable`,
  ];
}

function percent(rate: number): string {
  return `${digits(100 * rate)} %`;
}

function digits(value: number): string {
  return String(Number(value.toPrecision(2)));
}
