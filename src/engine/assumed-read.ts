import type { Event, Owner } from "../core/event.ts";
import type { Plan } from "../core/plan.ts";
import { replay } from "../core/replay.ts";
import type { WallTime } from "../core/units.ts";
import type { Engine, JournalEntry } from "./ports.ts";
import type { RolloutRead } from "./read-rollout.ts";

/** Far above any epoch that an unreachable journal may have reached, so that the fence in the targets lets the undo through. */
const STRAY_EPOCH = 1000;

/** What is known of a rollout without its journal. */
export interface KnownWithout {
  readonly rollout: string;
  readonly plan: Plan;
  readonly digest: string;
  readonly epoch: number;
  readonly owner: Owner;
  readonly at: WallTime;
  /** The hash of each captured value, by the key of its field; null where nobody knows what was captured. */
  readonly fields: Readonly<Record<string, string>> | null;
}

/** The journal that a rollout had at worst: every action was begun, and nobody knows how it ended. */
export function assumedRead(engine: Engine, known: KnownWithout): RolloutRead {
  const { plan, digest, epoch, at } = known;
  const entries = eventsOf(engine, known).map((event, index): JournalEntry => ({
    at,
    mono: 0,
    epoch,
    actor: engine.by,
    seq: index + 1,
    event,
  }));
  return {
    plan,
    digest,
    entries,
    state: replay(plan, entries),
    epoch: STRAY_EPOCH,
    lastLine: null,
    problems: [],
    unclaimed: [],
  };
}

function eventsOf(
  { by }: Engine,
  { rollout, plan, digest, epoch, owner, fields }: KnownWithout,
): readonly Event[] {
  const actions = [...plan.stages.flatMap((stage) => stage.actions), ...plan.finish];
  const claimed: Event = {
    kind: "claimed",
    rollout,
    plan: plan.name,
    digest,
    mode: "start",
    cause: null,
    by,
    owner,
    end: null,
  };
  const effect = `${epoch}.2`;
  const captured: readonly Event[] =
    fields === null
      ? []
      : [{ kind: "baseline-captured", effect, problems: [], locked: false, fields, metrics: {} }];
  return [
    claimed,
    ...captured,
    ...actions.map(({ id }): Event => ({
      kind: "action-intended",
      effect: "",
      action: id,
      fields: {},
    })),
  ];
}
