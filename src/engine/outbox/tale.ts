import type { End } from "../../core/ending.ts";
import type { Event } from "../../core/event.ts";
import type { ReactionEvent } from "../../core/reaction.ts";
import type { Percent, WallTime } from "../../core/units.ts";
import type { JournalEntry } from "../ports.ts";

/** What messages tell of a rollout so far: folded from its journal, apart from the machine's own state. */
export interface Tale {
  readonly started: WallTime | null;
  /** The stages that began, in order. */
  readonly stages: readonly StageTale[];
  readonly state: "preparing" | "running" | "held" | "rolling back" | End["kind"];
}

export interface StageTale {
  readonly name: string;
  readonly share: Percent | null;
  readonly began: WallTime;
  readonly state: "running" | "passed" | "rolled back" | "stopped";
}

export const untold: Tale = { started: null, stages: [], state: "preparing" };

/** Takes one more entry in. */
export function tell(tale: Tale, { at, event }: JournalEntry): Tale {
  switch (event.kind) {
    case "started":
      return { ...tale, started: at, state: "running" };
    case "stage-started":
      return { ...tale, state: "running", stages: [...tale.stages, stageOf(event, at)] };
    case "stage-passed":
      return { ...tale, stages: lastBecomes(tale.stages, "passed") };
    case "held":
      return { ...tale, state: "held" };
    case "resumed":
      return { ...tale, state: "running" };
    case "stopping":
      return { ...tale, state: "rolling back", stages: lastBecomes(tale.stages, "rolled back") };
    case "claimed":
      return event.end === null ? tale : ended(tale, event.end);
    default:
      return tale;
  }
}

function ended(tale: Tale, end: End): Tale {
  const last = end.kind === "rolled-back" ? "rolled back" : "stopped";
  return { ...tale, state: end.kind, stages: lastBecomes(tale.stages, last) };
}

function stageOf(event: Extract<Event, { kind: "stage-started" }>, at: WallTime): StageTale {
  return { name: event.stage, share: event.share, began: at, state: "running" };
}

/** A stage that passed stays passed: what is rolled back is the one that did not. */
function lastBecomes(stages: readonly StageTale[], state: StageTale["state"]): Tale["stages"] {
  const last = stages.at(-1);
  if (last === undefined || last.state !== "running") return stages;
  return [...stages.slice(0, -1), { ...last, state }];
}

/** What an event is called in `on:`; null for what nobody can react to. */
export function reactionEventOf(event: Event): ReactionEvent | null {
  switch (event.kind) {
    case "started":
    case "stage-started":
    case "stage-passed":
    case "warned":
    case "paged":
    case "held":
    case "resumed":
    case "rolling-back":
      return event.kind;
    case "claimed":
      return event.end === null || event.end.kind === "refused" ? null : event.end.kind;
    default:
      return null;
  }
}
