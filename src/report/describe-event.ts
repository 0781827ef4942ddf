import type { Event } from "../core/event.ts";
import { isNote } from "../core/is-note.ts";
import { describeFact } from "./describe-fact.ts";
import { describeNote } from "./describe-note.ts";
import type { Line } from "./line.ts";
import type { Scene } from "./scene.ts";

/** Every event in words that a tired person understands. */
export function describeEvent(event: Event, scene: Scene): Line {
  return isNote(event) ? describeNote(event, scene) : describeFact(event, scene);
}
