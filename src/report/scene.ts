import type { Plan } from "../core/plan.ts";
import { programName } from "./program-name.ts";

/** What the words for an event need to know beside the event. */
export interface Scene {
  /** Null while it is not read yet. */
  readonly plan: Plan | null;
  readonly rollout: string;
  /** The folder of this rollout's evidence, as people can open it; null where there is none (a rehearsal). */
  readonly evidence: string | null;
}

/** A command line about this rollout, ready to paste. */
export function command(scene: Scene, verb: string, rest = ""): string {
  return `${programName()} ${verb} ${scene.rollout}${rest === "" ? "" : ` ${rest}`}`;
}
