import type { WallTime } from "../core/units.ts";
import { actionOf } from "../core/unwind.ts";
import type { JournalEntry } from "../engine/ports.ts";
import { preflightConfirmations } from "./confirm-lines.ts";
import { formatDuration } from "./format-duration.ts";
import type { Scene } from "./scene.ts";

/** What the rollout does right now, for a spinner or a sign of life. */
export interface Activity {
  /** In a few words; null before the start and after the end. */
  readonly doing: string | null;
  /** When that ends if all stays well; null where nobody knows. */
  readonly until: WallTime | null;
  readonly stage: string;
  readonly soak: number;
  /** End of the soak under way, to come back to after a hold. */
  readonly soakUntil: WallTime | null;
}

/** Before the first entry. */
export const noActivity: Activity = {
  doing: null,
  until: null,
  stage: "",
  soak: 0,
  soakUntil: null,
};

/** What the rollout does after one more entry of its journal. */
export function nextActivity(
  before: Activity,
  { event, at }: JournalEntry,
  scene: Scene,
): Activity {
  const now = (doing: string): Activity => ({ ...before, doing, until: null });
  switch (event.kind) {
    case "claimed":
      return event.end === null ? now(preparation(event.mode, scene)) : noActivity;
    case "stage-started":
      return { ...now(`at stage ${event.stage}`), stage: event.stage, soakUntil: null };
    case "action-intended":
      return now(titleOf(event.action, scene));
    case "action-finished":
      return now(`at stage ${before.stage}`);
    case "soak-started":
      return soaking({ ...before, soak: event.soak }, at);
    case "soak-restarted":
      return soaking(before, at);
    case "held":
      return now(`HELD: ${event.hold.why}`);
    case "resumed":
      return before.soakUntil === null
        ? now(`at stage ${before.stage}`)
        : { ...now(`soaking ${before.stage}`), until: before.soakUntil };
    case "stopping":
    case "rolling-back":
      return now("rolling back");
    case "undo-retried":
      return { ...now(`rolling back: ${event.label} is not back yet`), until: at + event.left };
    case "undo-finished":
      return before.until === null ? before : now("rolling back");
    case "restored":
      return now("verifying that the old version is healthy");
    default:
      return before;
  }
}

/** The activity in words, with the time left where it is known. */
export function activityText({ doing, until }: Activity, now: WallTime): string | null {
  const left = until === null ? 0 : Math.ceil((until - now) / 1000) * 1000;
  return doing === null || left <= 0 ? doing : `${doing}, ${formatDuration(left)} left`;
}

function preparation(mode: "start" | "rollback" | "continue" | "halt", scene: Scene): string {
  const names = mode === "start" ? preflightConfirmations(scene.plan) : [];
  return names.length === 0 ? "preparing" : `preparing, waiting for ${names.join(", ")}`;
}

function soaking(before: Activity, at: WallTime): Activity {
  const until = at + before.soak;
  return { ...before, doing: `soaking ${before.stage}`, until, soakUntil: until };
}

function titleOf(action: string, scene: Scene): string {
  const found = scene.plan === null ? undefined : actionOf(scene.plan, action);
  if (found === undefined) return action;
  return found.share === null ? found.title : `shifting traffic to ${found.share} %`;
}
