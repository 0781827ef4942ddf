import { confirmationsOf } from "../core/measurements.ts";
import type { Hold } from "../core/state.ts";
import { confirmLines } from "./confirm-lines.ts";
import { formatDuration } from "./format-duration.ts";
import { line, type Line } from "./line.ts";
import { offerAtHold } from "./offer-playbook.ts";
import { command, type Scene } from "./scene.ts";

/** A hold: why nothing moves forward, what goes on meanwhile, and the command that ends it. */
export function describeHold(hold: Hold, scene: Scene): Line {
  return line("ask", `HELD: ${hold.why}`, nextAtHold(hold, scene));
}

/** What a person can do about a hold, one line each. */
export function nextAtHold(hold: Hold, scene: Scene): readonly string[] {
  const abort = `to roll back: ${command(scene, "abort", "--reason …")}`;
  const resume = command(scene, "resume");
  switch (hold.kind) {
    case "blind":
      return [
        `goes on by itself when there is data again; after ${maxBlind(scene)} without it rolls back (at 100 %: pages)`,
        abort,
      ];
    case "waiting":
      return [...confirmations(scene), `all of them at once: ${command(scene, "promote")}`, abort];
    case "differs":
      return [
        "put it back to what the plan set, then go on; or roll back, which leaves foreign values alone",
        `to go on: ${resume}`,
        abort,
        `to roll back over the foreign values too: ${command(scene, "abort", "--overwrite --reason …")}`,
      ];
    case "unknown":
      return [`to look again: ${resume}`, abort];
    case "evidence":
      return [`to soak and collect again: ${resume}`, abort];
    case "inconclusive":
      return [`to give the stage another soak: ${resume}`, abort];
    case "trigger":
      return [...offerAtHold(hold.why, scene), `when it is understood, to go on: ${resume}`, abort];
    case "person":
      return [`to go on: ${resume}`, abort];
  }
}

function maxBlind(scene: Scene): string {
  return scene.plan === null ? "`maxBlind`" : formatDuration(scene.plan.maxBlind);
}

/** One line for each confirmation of the plan; which of them are open stands in the hold's own text. */
function confirmations(scene: Scene): readonly string[] {
  const { plan } = scene;
  if (plan === null) return [];
  const gates = plan.stages.flatMap((stage) => stage.gates);
  return confirmLines(
    gates.flatMap((gate) => confirmationsOf(gate.condition)),
    scene,
  );
}
