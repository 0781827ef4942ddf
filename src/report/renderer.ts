import type { Observer } from "../engine/ports.ts";
import type { Line } from "./line.ts";
import type { Scene } from "./scene.ts";

/** Shows a rollout as it happens. Never throws and never blocks: it stands beside the work, not in it. */
export interface Renderer {
  /** An entry of the journal; `line` is its exact text, empty where it was read back. */
  readonly entry: Observer;
  /** Something that is no event: a sandbox was started, a file was written. */
  say(line: Line): void;
  /** What is known of the rollout by now. */
  setScene(scene: Scene): void;
  /** Leaves the last line to the person, who types there; the returned function takes it again. Absent: it never moves. */
  pause?(): () => void;
  /** Ends spinner and timers, and waits a moment for a slow reader. */
  close(): Promise<void>;
}
