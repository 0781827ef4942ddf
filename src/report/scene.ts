import type { Plan } from "../core/plan.ts";
import { programName } from "./program-name.ts";

/** What the words for an event need to know beside the event. */
export interface Scene {
  /** Null while it is not read yet. */
  readonly plan: Plan | null;
  readonly rollout: string;
  /** The folder of this rollout's evidence, as people can open it; null where there is none (a rehearsal). */
  readonly evidence: string | null;
  /** The folder that lines to paste have to name with `--evidence`: absent where the rollout is found without. */
  readonly named?: string;
}

/** A command line about this rollout, ready to paste. */
export function command(scene: Scene, verb: string, rest = ""): string {
  const where = scene.named === undefined ? "" : ` --evidence ${quoted(scene.named)}`;
  return `${programName()} ${verb} ${scene.rollout}${where}${rest === "" ? "" : ` ${rest}`}`;
}

/** A path as a shell reads it back unchanged. */
export function quoted(path: string): string {
  return /^[\w@%+=:,./-]+$/u.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
