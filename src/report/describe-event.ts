import type { Event, Note } from "../core/event.ts";
import { describeFact } from "./describe-fact.ts";
import { describeNote } from "./describe-note.ts";
import type { Line } from "./line.ts";
import type { Scene } from "./scene.ts";

/** Every event in words that a tired person understands. */
export function describeEvent(event: Event, scene: Scene): Line {
  return isNote(event) ? describeNote(event, scene) : describeFact(event, scene);
}

const NOTES: Readonly<Record<Note["kind"], true>> = {
  started: true,
  "stage-started": true,
  "soak-started": true,
  "soak-restarted": true,
  "gate-judged": true,
  triggered: true,
  warned: true,
  paged: true,
  held: true,
  resumed: true,
  "word-refused": true,
  "playbook-finished": true,
  "stage-passed": true,
  stopping: true,
  "rolling-back": true,
  "stepped-down": true,
  restored: true,
  verified: true,
  delivered: true,
  "not-delivered": true,
  detached: true,
};

function isNote(event: Event): event is Note {
  return Object.hasOwn(NOTES, event.kind);
}
