import type { Reaped } from "../engine/reap-rollout.ts";
import { line } from "../report/line.ts";
import { composeEngine } from "./compose.ts";
import { contestedBy } from "./contested-by.ts";
import { lookElsewhere } from "./ended-elsewhere.ts";
import type { Place } from "./known-evidence.ts";
import { openRenderer } from "./open-renderer.ts";
import { sceneOf } from "./read-rollout-at.ts";

/** What became of a rollout that was looked at, as `canary reap --json` prints it. Keys are only ever added. */
export interface ReapedPlace {
  readonly id: string;
  readonly state: Reaped["kind"];
  /** 0 when nothing was to be done; the rollout's end when it was ended here; 32 when a person has to decide; 41 unreadable. */
  readonly exit: number;
  readonly text: string;
}

/** Looks at one rollout and does what its plan says when its runner is gone, telling what happens unless `quiet`. */
export async function reapPlace(place: Place, by: string, quiet: boolean): Promise<ReapedPlace> {
  const elsewhere = await lookElsewhere(place);
  if (elsewhere.kind === "rolled-back") {
    const text = `it was rolled back in ${elsewhere.place.evidence}: nothing to do`;
    return { id: place.id, state: "over", exit: 0, text };
  }
  const [{ reapRollout }, { processSignals }] = await Promise.all([
    import("../engine/reap-rollout.ts"),
    import("../engine/signals.ts"),
  ]);
  const renderer = quiet ? null : await openRenderer({ output: "plain" }, sceneOf(place, null));
  const engine = await composeEngine({
    evidence: place.evidence,
    by,
    observe: (entry, line) => renderer?.entry(entry, line),
    drivers: "way-back",
  });
  try {
    const say = (text: string, more: readonly string[]): void =>
      renderer?.say(line("warn", text, more));
    const tell = (what: string): void => say(what, []);
    const ports = { signals: processSignals, tell, ...contestedBy(elsewhere, say) };
    const reaped = await reapRollout(engine, place.id, ports);
    return { id: place.id, state: reaped.kind, ...verdict(reaped, place.id) };
  } finally {
    await renderer?.close();
  }
}

function verdict(reaped: Reaped, id: string): { exit: number; text: string } {
  switch (reaped.kind) {
    case "alive":
      return { exit: 0, text: "its runner lives: nothing to do" };
    case "over":
      return { exit: 0, text: `it is over (exit ${reaped.exit}): nothing to do` };
    case "held":
      return {
        exit: 32,
        text: `ITS RUNNER IS GONE, and a person has to decide: ${reaped.why}\n  to run it on: canary resume ${id}\n  to roll back: canary abort ${id} --reason …`,
      };
    case "unreadable":
      return {
        exit: 41,
        text: `IT CANNOT BE READ: ${reaped.why}\n  what is left of it, its rollback bundle, is enough for: canary abort ${id} --reason …`,
      };
    case "taken":
      return {
        exit: reaped.outcome.exit,
        text: `its runner was gone: taken over, exit ${reaped.outcome.exit}`,
      };
  }
}
