import type { End } from "../../core/ending.ts";
import type { Event } from "../../core/event.ts";
import type { Plan } from "../../core/plan.ts";
import type { Cause } from "../../core/state.ts";
import type { Tale } from "./tale.ts";

/** An event in words for a message, and how grave it is. */
export interface EventWords {
  /** One line, after the name of the plan. */
  readonly title: string;
  /** Why, in words; empty where there is nothing to say. */
  readonly reason: string;
  readonly tone: "info" | "good" | "warn" | "bad";
  readonly needsPerson: boolean;
  /** What a person was needed for is over. */
  readonly isOver: boolean;
  /** Nothing comes after it. */
  readonly isEnd: boolean;
  readonly stage: string | null;
  readonly trigger: string | null;
  /** Who did it, where a person did; else canary itself. */
  readonly by: string;
}

const plain = {
  reason: "",
  tone: "info",
  needsPerson: false,
  isOver: false,
  isEnd: false,
  stage: null,
  trigger: null,
  by: "canary",
} as const;

/** Says what happened; null for events that nobody is told of. */
export function eventWords(event: Event, plan: Plan): EventWords | null {
  switch (event.kind) {
    case "started":
      return { ...plain, title: `the rollout began: ${plan.stages.length} stages` };
    case "stage-started": {
      const share = event.share === null ? "" : `, ${event.share} %`;
      return { ...plain, title: `stage ${event.stage} began${share}`, stage: event.stage };
    }
    case "stage-passed":
      return { ...plain, title: `stage ${event.stage} passed`, tone: "good", stage: event.stage };
    case "warned":
      return { ...plain, ...triggered(event, plan, "warning"), tone: "warn" };
    case "paged":
      return {
        ...plain,
        ...triggered(event, plan, "a person has to look"),
        tone: "bad",
        needsPerson: true,
      };
    case "held":
      return held(event, plan);
    case "resumed":
      return { ...plain, title: "the hold is over", isOver: true, by: event.by };
    case "rolling-back": {
      const { text: reason, by } = event.cause;
      const trigger = triggerIn(reason, plan);
      return { ...plain, title: "rolling back", reason, tone: "bad", trigger, by };
    }
    case "claimed":
      return event.end === null ? null : atEnd(event.end, event.cause, plan);
    default:
      return null;
  }
}

/** Says how things stand, for what is told again and again. */
export function progressWords({ state, stages }: Tale): EventWords {
  const stage = stages.at(-1);
  const share = stage?.share == null ? "" : `, ${stage.share} %`;
  const place = stage === undefined ? "" : `: stage ${stage.name}${share}`;
  return { ...plain, title: `${state}${place}`, stage: stage?.name ?? null };
}

function triggered(
  event: Extract<Event, { kind: "warned" | "paged" }>,
  plan: Plan,
  what: string,
): Pick<EventWords, "title" | "reason" | "trigger"> {
  const { trigger, detail } = event;
  return { title: `${what}: ${trigger}`, reason: detail + offered(trigger, plan), trigger };
}

/** A hold that clears itself, and one that waits for a planned word, call nobody out of bed. */
function held({ hold }: Extract<Event, { kind: "held" }>, plan: Plan): EventWords {
  const needsPerson = hold.clears === "person";
  const trigger = triggerIn(hold.why, plan);
  const title = hold.kind === "waiting" ? hold.why : `held: ${hold.why}`;
  const reason = hold.why + offered(trigger, plan);
  return { ...plain, title, reason, tone: "warn", needsPerson, trigger };
}

/** The playbook that a trigger offers, for who is called; empty where it offers none. */
function offered(trigger: string | null, { triggers }: Plan): string {
  const found = triggers.find(({ name, playbook }) => name === trigger && playbook !== undefined);
  return found?.playbook === undefined ? "" : ` (playbook: canary playbook ${found.playbook})`;
}

/** The trigger that a reason speaks of: it begins with its name. */
function triggerIn(reason: string, { triggers }: Plan): string | null {
  const found = triggers.find(({ name }) => reason.startsWith(`${name}: `));
  return found?.name ?? null;
}

function atEnd(end: End, cause: Cause | null, plan: Plan): EventWords | null {
  const trigger = cause === null ? null : triggerIn(cause.text, plan);
  const by = cause?.by ?? "canary";
  const over = { ...plain, reason: cause?.text ?? "", isOver: true, isEnd: true, trigger, by };
  switch (end.kind) {
    case "promoted":
      return { ...over, title: "promoted: the new version is in force", tone: "good" };
    case "rolled-back":
      return { ...over, title: "rolled back: the old version is back, and verified", tone: "warn" };
    case "rollback-failed":
      return {
        ...over,
        title: end.certain
          ? "ROLLBACK FAILED"
          : "ROLLBACK UNCERTAIN: nobody knows the state of everything",
        reason: end.why,
        tone: "bad",
        isOver: false,
        needsPerson: true,
      };
    case "halted":
      return {
        ...over,
        title: "HALTED past a point of no return: nothing was undone",
        reason: end.why,
        tone: "bad",
        isOver: false,
        needsPerson: true,
      };
    case "refused":
      return null;
  }
}
