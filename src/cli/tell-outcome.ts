import type { Outcome } from "../engine/ports.ts";
import { describeEnd } from "../report/describe-end.ts";
import { line } from "../report/line.ts";
import type { Renderer } from "../report/renderer.ts";
import { command, type Scene } from "../report/scene.ts";

/** Says how a process left a rollout, where no event of the journal said it already, and gives the exit code. */
export function tellOutcome(outcome: Outcome, renderer: Renderer, scene: Scene): number {
  switch (outcome.kind) {
    case "ended":
      if (outcome.leftovers.length > 0)
        renderer.say(
          line(
            "warn",
            "left behind after the end: harmless, and worth tidying up",
            outcome.leftovers,
          ),
        );
      break;
    case "over":
      renderer.say(line("info", "this rollout was over before: nothing was written"));
      renderer.say(describeEnd(outcome.end, scene));
      if (outcome.differences.length > 0)
        renderer.say(
          line(
            "warn",
            "since then something else changed what it left",
            outcome.differences.map(
              ({ label, expected, live }) => `- ${label} is ${live}, not ${expected}`,
            ),
          ),
        );
      break;
    case "needs-consent":
      renderer.say(
        line("ask", "this rollout was promoted: nothing was written", [
          `to undo it all the same: ${command(scene, "abort", "--after-promoted --reason …")}`,
        ]),
      );
      break;
    case "locked":
      renderer.say(
        line("bad", `another rollout has ${outcome.target} now: nothing was written (exit 21)`, [
          `to look at it: canary status ${outcome.holder}`,
          `to roll that one back: canary abort ${outcome.holder} --reason …`,
        ]),
      );
      break;
    case "lost":
      renderer.say(
        line(
          "bad",
          `this process lost the rollout, and its end is unknown (exit 41): ${outcome.why}`,
          [
            `to look: ${command(scene, "status")}`,
            `to roll back: ${command(scene, "abort", "--reason …")}`,
          ],
        ),
      );
      break;
    case "left":
      renderer.say(
        line("bad", "left at once: the rollout is where it was, and nobody watches it (exit 130)", [
          `to roll back: ${command(scene, "abort", "--reason …")}`,
          `to look: ${command(scene, "status")}`,
        ]),
      );
  }
  return outcome.exit;
}
