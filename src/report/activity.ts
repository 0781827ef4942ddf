import type { WallTime } from "../core/units.ts";
import { actionOf } from "../core/unwind.ts";
import type { JournalEntry } from "../engine/ports.ts";
import { formatDuration } from "./format-duration.ts";
import type { Scene } from "./scene.ts";

/** What the rollout does right now, for a spinner or a sign of life. */
export interface Activity {
  see(entry: JournalEntry, scene: Scene): void;
  /** In a few words, with the time left where it is known; null before the start and after the end. */
  text(now: WallTime): string | null;
}

interface Doing {
  readonly text: string;
  /** When it ends if all stays well. */
  readonly until: WallTime | null;
}

/** Follows the entries of a journal. */
export function createActivity(): Activity {
  let stage = "";
  let soak: Doing | null = null;
  let length = 0;
  let doing: Doing | null = null;
  return {
    see({ event, at }, scene) {
      switch (event.kind) {
        case "claimed":
          doing = event.end === null ? { text: "preparing", until: null } : null;
          return;
        case "stage-started":
          stage = event.stage;
          soak = null;
          doing = { text: `at stage ${stage}`, until: null };
          return;
        case "action-intended": {
          const title = scene.plan === null ? undefined : actionOf(scene.plan, event.action)?.title;
          doing = { text: title ?? event.action, until: null };
          return;
        }
        case "action-finished":
          doing = { text: `at stage ${stage}`, until: null };
          return;
        case "soak-started":
          length = event.soak;
          soak = { text: `soaking ${stage}`, until: at + length };
          doing = soak;
          return;
        case "soak-restarted":
          soak = { text: `soaking ${stage}`, until: at + length };
          doing = soak;
          return;
        case "held":
          doing = { text: `HELD: ${event.hold.why}`, until: null };
          return;
        case "resumed":
          doing = soak ?? { text: `at stage ${stage}`, until: null };
          return;
        case "stopping":
        case "rolling-back":
          doing = { text: "rolling back", until: null };
          return;
        case "restored":
          doing = { text: "verifying that the old version is healthy", until: null };
          return;
        default:
      }
    },
    text(now) {
      if (doing === null) return null;
      const left = doing.until === null ? 0 : doing.until - now;
      return left > 0
        ? `${doing.text}, ${formatDuration(Math.ceil(left / 1000) * 1000)} left`
        : doing.text;
    },
  };
}
