import { rateInterval } from "../core/judge/rate-interval.ts";
import type { Millis, WallTime } from "../core/units.ts";
import type { PastEnd, PastRollout } from "./play-rollout.ts";

/** A time in which something was wrong. */
export interface Incident {
  readonly from: WallTime;
  readonly to: WallTime;
}

/** How one incident was met by the rollouts that were under way. */
export interface IncidentMet extends Incident {
  /** How long after its beginning a rollout went back; null when none did. */
  readonly after: Millis | null;
  /** No rollout was under way. */
  readonly isUnseen: boolean;
}

export interface Summary {
  readonly counts: Readonly<Record<PastEnd["kind"], number>>;
  /** Of the rollouts outside of all incidents that were played to an end: how many went back, and that as a rate. */
  readonly quiet: {
    readonly rollouts: number;
    readonly alarms: number;
    /** Of these, how many went back because nothing could be measured. */
    readonly blind: number;
    readonly rate: number;
    /** Both ends hold together at 95 %. */
    readonly interval: readonly [low: number, high: number];
  } | null;
  readonly incidents: readonly IncidentMet[];
}

/** What all rollouts of a backtest say together. Where no incident is named, all of the time is taken to have been quiet. */
export function summarize(
  rollouts: readonly PastRollout[],
  incidents: readonly Incident[],
): Summary {
  const counts = { promoted: 0, "rolled-back": 0, held: 0, refused: 0, cut: 0 };
  for (const { end } of rollouts) counts[end.kind] += 1;
  const judged = rollouts.filter(({ end }) => end.kind !== "refused" && end.kind !== "cut");
  const quiet = judged.filter((rollout) => !incidents.some((each) => overlap(rollout, each)));
  const causes = quiet.flatMap(({ end }) => (end.kind === "rolled-back" ? [end.cause.kind] : []));
  const alarms = causes.length;
  const total = quiet.length;
  return {
    counts,
    quiet:
      total === 0
        ? null
        : {
            rollouts: total,
            alarms,
            blind: causes.filter((kind) => kind === "blind").length,
            rate: alarms / total,
            interval: rateInterval(alarms, total, 0.95),
          },
    incidents: incidents.map((incident) => metBy(incident, rollouts)),
  };
}

function metBy(incident: Incident, rollouts: readonly PastRollout[]): IncidentMet {
  const during = rollouts.filter((rollout) => overlap(rollout, incident));
  const back = during.find(({ end, to }) => end.kind === "rolled-back" && to >= incident.from);
  const after = back === undefined ? null : back.to - incident.from;
  return { ...incident, after, isUnseen: during.length === 0 };
}

function overlap({ from, to }: PastRollout, incident: Incident): boolean {
  return from < incident.to && to > incident.from;
}
