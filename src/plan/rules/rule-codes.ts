import type { Diagnostic } from "../diagnostic.ts";

interface RuleCodeInfo {
  readonly severity: Diagnostic["severity"];
  /** What the rule asks for, in one sentence, for the docs. */
  readonly about: string;
  /** Sections of the plan in which an error makes this problem a mere consequence, not worth telling yet. */
  readonly needs?: readonly string[];
}

const LIBRARIES = ["connections", "metrics", "checks"];
const USERS = ["preflight", "everyStage", "stages", "triggers", "rollback"];

/** Every code that a rule over the whole plan can give. Codes are stable: scripts and docs name them. */
export const ruleCodes = {
  "share-falls": {
    severity: "error",
    about: "The share of traffic never falls from one stage to the next.",
  },
  "share-repeats": {
    severity: "warning",
    about: "A stage that states a share raises it; one that keeps it leaves `traffic` out.",
  },
  "soak-too-short": {
    severity: "error",
    about:
      "A stage soaks at least as long as the window of each gate, because samples from before the stage count neither way.",
    needs: ["everyStage"],
  },
  "one-measurement": {
    severity: "warning",
    about: "A gate is decided by more than one measurement within the soak.",
    needs: ["everyStage"],
  },
  "within-too-short": {
    severity: "error",
    about: "`within` leaves a stage at least the time of its soak.",
    needs: ["everyStage"],
  },
  "tolerate-too-long": {
    severity: "error",
    about: "`tolerate` is shorter than the soak, else a stage that is always red would pass.",
    needs: ["everyStage"],
  },
  "stage-unproven": {
    severity: "error",
    about:
      "A stage that shifts traffic, soaks or comes last has gates or checks: silence never promotes.",
    needs: [...LIBRARIES, "everyStage"],
  },
  "trigger-before-gate": {
    severity: "error",
    about: "A rollback trigger does not fire while a gate on the same metric still passes.",
  },
  "hold-before-gate": {
    severity: "warning",
    about: "A hold trigger does not fire while a gate on the same metric still passes.",
  },
  "trigger-late": {
    severity: "warning",
    about: "A rollback or hold trigger can fire in the first stage.",
    needs: ["everyStage", "stages"],
  },
  "limit-idle": {
    severity: "error",
    about:
      "A condition can both hold and not hold: a count is never below 0, a ratio never above 100 %.",
  },
  "relative-without-floor": {
    severity: "warning",
    about: "A limit relative to a baseline that may be near 0 has an absolute floor beside it.",
  },
  "stable-without-arm": {
    severity: "error",
    about:
      "A metric compared with `stable` can tell the two arms apart: `${arm}` in its query, `arms` on its connection.",
  },
  "confidence-idle": {
    severity: "error",
    about:
      "A metric with a `confidence` is a number, looked at over windows that follow each other, and is compared with `stable` somewhere.",
    needs: ["everyStage", "stages", "triggers"],
  },
  "split-idle": {
    severity: "error",
    about:
      "A metric with a `splitTolerance` counts requests, is compared with `stable` in some condition, and some stage has a share between 0 and 100 %.",
    needs: ["everyStage", "stages", "triggers"],
  },
  "window-unfilled": {
    severity: "error",
    about: "A query with ${window} gets one from `window` or from `over` in each condition.",
  },
  "over-ignored": {
    severity: "error",
    about: "`over` has an effect: the query says with ${window} where it goes.",
  },
  "min-samples-missing": {
    severity: "warning",
    about:
      "A gate on a ratio states how many samples it needs, so that three requests do not promote.",
  },
  "min-samples-uncounted": {
    severity: "error",
    about:
      "A metric with `minSamples` says how its samples are counted; otherwise there are never enough.",
  },
  "good-beside-bad": {
    severity: "warning",
    about:
      "A log metric that states `bad` does not state `good` too: its value is the share of the bad lines, whatever its name says.",
  },
  "name-clash": {
    severity: "error",
    about: "A metric and a check do not share a name.",
  },
  "metric-unused": {
    severity: "warning",
    about: "Every metric is used by a gate, a trigger, the verification or evidence.",
    needs: USERS,
  },
  "check-unused": {
    severity: "warning",
    about: "Every check is used by preflight, a stage, a condition or the verification.",
    needs: USERS,
  },
  "undo-missing": {
    severity: "error",
    about: "An action that cannot read its value back states `undo`, or `reversible: false`.",
  },
  "reload-apart": {
    severity: "warning",
    about: "An edit and its reload are one action, because undo runs in reverse order.",
  },
  "irreversible-early": {
    severity: "warning",
    about: "An action past which nothing can be undone comes after everything has been judged.",
  },
  "blind-too-short": {
    severity: "warning",
    about: "`maxBlind` spans more than one measurement, else one failed query rolls back.",
  },
  "evidence-name-twice": {
    severity: "error",
    about: "Every file name of evidence is unique over the plan.",
  },
  "secret-in-name": {
    severity: "error",
    about: "No secret stands in a file name.",
  },
  "secret-in-argv": {
    severity: "warning",
    about:
      "No secret stands in the arguments of a command, which everyone on the machine can read.",
  },
  "secret-literal": {
    severity: "warning",
    about: "A secret is a reference, never text in the plan.",
  },
  "output-early": {
    severity: "error",
    about: "An output is used only after what makes it: an action, a check or a step.",
  },
  "output-twice": {
    severity: "error",
    about: "An output is made by one action, check or step.",
  },
  "check-too-short": {
    severity: "error",
    about:
      "A check may take longer than it waits: for its steps, and for lines that must not come.",
    needs: ["checks"],
  },
  "placeholder-misplaced": {
    severity: "error",
    about:
      "${window} and ${arm} stand in metric queries, ${traffic} in traffic actions, ${event.x} in messages.",
  },
  "reaction-never": {
    severity: "error",
    about:
      "A line of `on` can come about: its trigger and its stage exist, and its event is about them.",
    needs: ["triggers", "stages"],
  },
  "written-twice": {
    severity: "warning",
    about: "Two actions of one stage do not write the same value.",
  },
  "traffic-written-twice": {
    severity: "error",
    about: "No action writes the value that `traffic` shifts.",
  },
  "rollback-unverified": {
    severity: "warning",
    about: "A rollback is verified by gates or checks.",
    needs: LIBRARIES,
  },
  "verify-too-short": {
    severity: "error",
    about: "The verification has time for its wait, the windows of its gates and their `for`.",
  },
  "gradual-rises": {
    severity: "error",
    about: "The shares of a gradual rollback fall.",
  },
} as const satisfies Readonly<Record<string, RuleCodeInfo>>;

export type RuleCode = keyof typeof ruleCodes;
