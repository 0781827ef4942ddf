import type { Plan } from "../../core/plan.ts";
import type { Json, WallTime } from "../../core/units.ts";
import type { EventWords } from "./event-words.ts";
import type { Tale } from "./tale.ts";

/** What a message is about. */
export interface Subject {
  readonly plan: Plan;
  readonly rollout: string;
  readonly event: string;
  readonly at: WallTime;
  readonly words: EventWords;
  readonly tale: Tale;
}

/** What the placeholders of messages stand for: `${event.*}`, `${rollout.*}` and `${stage.*}`. */
export function messageValues(subject: Subject): (name: string) => Json | undefined {
  const { plan, rollout, event, at, words, tale } = subject;
  const stage = tale.stages.at(-1);
  const seconds = tale.started === null ? 0 : Math.round((at - tale.started) / 1000);
  const values: Readonly<Record<string, Json>> = {
    "event.kind": event,
    "event.text": words.title,
    "event.reason": words.reason,
    "event.trigger": words.trigger ?? "",
    "event.by": words.by,
    "event.time": isoTime(at),
    "rollout.id": rollout,
    "rollout.plan": plan.name,
    "rollout.state": tale.state,
    "rollout.started": tale.started === null ? "" : isoTime(tale.started),
    "rollout.minutes": Math.round(seconds / 6) / 10,
    "rollout.stages": `${tale.stages.filter(({ state }) => state === "passed").length}/${plan.stages.length}`,
    "stage.name": words.stage ?? stage?.name ?? "",
    "stage.folder": plan.stages.find(({ name }) => name === stage?.name)?.folder ?? "",
    "stage.traffic": stage?.share ?? "",
  };
  return (name) => values[name];
}

/** `2026-05-04T10:00:00Z`. */
export function isoTime(at: WallTime): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
