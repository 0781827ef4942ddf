import type { Event, Note } from "./event.ts";

/** Whether an event is a decision, which replay makes again by itself, and not a fact that it is made from. */
export function isNote(event: Event): event is Note {
  return Object.hasOwn(NOTES, event.kind);
}

const NOTES: Readonly<Record<Note["kind"], true>> = {
  started: true,
  "stage-started": true,
  "soak-started": true,
  "soak-restarted": true,
  "gate-judged": true,
  compared: true,
  triggered: true,
  warned: true,
  paged: true,
  held: true,
  resumed: true,
  "word-refused": true,
  "word-skipped": true,
  "word-counted": true,
  "gate-overridden": true,
  "playbook-finished": true,
  "stage-passed": true,
  stopping: true,
  "rolling-back": true,
  "stepped-down": true,
  "capture-taken": true,
  "undo-retried": true,
  signalled: true,
  restored: true,
  verified: true,
  delivered: true,
  "not-delivered": true,
  detached: true,
};
