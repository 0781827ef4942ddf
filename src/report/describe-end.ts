import { exitCode, type End } from "../core/ending.ts";
import { line, type Line } from "./line.ts";
import { command, type Scene } from "./scene.ts";

/** The last words of a rollout: how it ended, what production looks like, and what to type next. */
export function describeEnd(end: End, scene: Scene): Line {
  switch (end.kind) {
    case "promoted":
      if (scene.plan?.runs !== undefined) return playbookDone(scene.plan.runs, scene);
      return line("good", `promoted: ${planName(scene)} is live, every gate passed (exit 0)`, [
        ...evidence(scene),
        ...hint(scene, "to undo it later", command(scene, "abort", "--after-promoted --reason …")),
      ]);
    case "rolled-back":
      return line(
        "back",
        end.by === "abort"
          ? "rolled back after the abort: the old version serves everything, read back and verified (exit 31)"
          : "rolled back: the old version serves everything, read back and verified (exit 30)",
        evidence(scene),
      );
    case "rollback-failed":
      return line("bad", failed(end), [
        `why: ${end.why}`,
        "a person is needed now",
        ...(end.restored ? [] : tryAgain(scene)),
        ...evidence(scene),
      ]);
    case "halted":
      return line("bad", "HALTED past a point of no return: nothing was undone (exit 42)", [
        `why: ${end.why}`,
        "a person is needed now: go forward by hand, or undo what can be undone",
        ...hint(
          scene,
          "to undo all the same",
          command(scene, "abort", "--past-irreversible --reason …"),
        ),
        ...evidence(scene),
      ]);
    case "refused":
      return line(
        "bad",
        end.locked
          ? "not started: another rollout holds the target; nothing was touched (exit 21)"
          : `not started: the preflight found ${count(end.problems.length, "problem")}; nothing was touched (exit ${exitCode(end)})`,
        end.problems.map((problem) => `- ${problem}`),
      );
  }
}

function playbookDone(name: string, scene: Scene): Line {
  return line("good", `playbook ${name} was run: its changes read back (exit 0)`, [
    ...evidence(scene),
    ...hint(scene, "to undo it", command(scene, "abort", "--after-promoted --reason …")),
  ]);
}

function failed(end: Extract<End, { kind: "rollback-failed" }>): string {
  if (end.restored)
    return end.certain
      ? "ROLLED BACK, AND NOT WELL: every value is back, and the verification failed (exit 40)"
      : "ROLLED BACK, NOT VERIFIED: every value is back; whether all is well could not be measured (exit 41)";
  return end.certain
    ? "ROLLBACK FAILED: not everything is restored, or it could not be verified (exit 40)"
    : "ROLLBACK UNCERTAIN: nobody knows the state of everything (exit 41)";
}

function tryAgain(scene: Scene): readonly string[] {
  return [
    ...hint(scene, "what is not back", command(scene, "status")),
    ...hint(scene, "to try again", command(scene, "abort", "--reason …")),
    ...hint(
      scene,
      "to restore also what someone else changed",
      command(scene, "abort", "--overwrite --reason …"),
    ),
  ];
}

function planName(scene: Scene): string {
  return scene.plan?.name ?? "the rollout";
}

function evidence(scene: Scene): readonly string[] {
  return scene.evidence === null
    ? []
    : [
        `evidence: ${scene.evidence}`,
        `to read it: ${command(scene, "report")}`,
        `to check it: ${command(scene, "verify")}`,
      ];
}

function hint(scene: Scene, why: string, text: string): readonly string[] {
  return scene.evidence === null ? [] : [`${why}: ${text}`];
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}
