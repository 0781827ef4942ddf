import type { Note } from "../core/event.ts";
import { line, type Line } from "./line.ts";
import { offerPlaybook } from "./offer-playbook.ts";
import type { Scene } from "./scene.ts";

type Fired = Extract<Note, { kind: "triggered" | "warned" | "paged" }>;

/** A trigger that fired, and the playbook that it offers. */
export function describeTrigger(note: Fired, scene: Scene): Line {
  const { trigger, detail } = note;
  const offer = offerPlaybook(trigger, scene);
  switch (note.kind) {
    case "triggered":
      return note.does === "hold"
        ? // What it offers stands with the hold, which follows.
          line("ask", `TRIGGER ${trigger}: ${detail}; holding`)
        : line("bad", `TRIGGER ${trigger}: ${detail}; rolling back`, offer);
    case "warned":
      return line("warn", `warning ${trigger}: ${detail}`, offer);
    case "paged":
      return line("warn", `PAGE ${trigger}: ${detail}; a person has to look`, offer);
  }
}
