import type { Outcome } from "../engine/ports.ts";
import { describeEnd } from "../report/describe-end.ts";
import { line, type Line } from "../report/line.ts";
import type { Renderer } from "../report/renderer.ts";
import { command, type Scene } from "../report/scene.ts";

/** Says how a process left a rollout, where no event of the journal said it already, and gives the exit code. */
export function tellOutcome(outcome: Outcome, renderer: Renderer, scene: Scene): number {
  for (const each of lines(outcome, scene)) renderer.say(each);
  return outcome.exit;
}

function lines(outcome: Outcome, scene: Scene): readonly Line[] {
  const look = `to look: ${command(scene, "status")}`;
  const back = `to roll back: ${command(scene, "abort", "--reason …")}`;
  switch (outcome.kind) {
    case "ended":
      return leftovers(outcome.leftovers);
    case "over":
      return over(outcome, scene);
    case "needs-consent":
      return [
        line("ask", "this rollout was promoted: nothing was written", [
          `to undo it all the same: ${command(scene, "abort", "--after-promoted --reason …")}`,
        ]),
      ];
    case "locked":
      return [
        line("bad", `another rollout has ${outcome.target} now: nothing was written (exit 21)`, [
          `to look at it: canary status ${outcome.holder}`,
          `to roll that one back: canary abort ${outcome.holder} --reason …`,
        ]),
      ];
    case "plan-changed":
      return [line("bad", NOT_ITS_PLAN, [back, look])];
    case "lost":
      return [
        line("bad", `this process lost the rollout, its end is unknown (exit 41): ${outcome.why}`, [
          look,
          back,
        ]),
      ];
    case "detached":
      return [
        line("ask", "detached: nothing was undone, and a guard watches (exit 33)", [
          `to run it on: ${command(scene, "resume")}`,
          back,
        ]),
      ];
    case "left":
      return [
        line(
          "bad",
          "left at once: what was under way is not finished, and nobody watches it (exit 130)",
          [back, look],
        ),
      ];
  }
}

const NOT_ITS_PLAN =
  "its plan.json is not the plan that was started, and no copy of that is left: not run on (exit 22)";

function leftovers(left: readonly string[]): readonly Line[] {
  if (left.length === 0) return [];
  return [line("warn", "left behind after the end: harmless, worth tidying up", left)];
}

function over(outcome: Extract<Outcome, { kind: "over" }>, scene: Scene): readonly Line[] {
  const changed = outcome.differences.map(
    ({ label, expected, live }) => `- ${label} is ${live}, not ${expected}`,
  );
  return [
    line("info", "this rollout was over before: nothing was written"),
    describeEnd(outcome.end, scene),
    ...(changed.length === 0
      ? []
      : [line("warn", "since then something else changed what it left", changed)]),
  ];
}
