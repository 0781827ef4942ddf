import { z } from "zod";

import { duration, nameText, positiveDuration, share } from "./scalars.ts";

/** The keys of `everyStage` with a plain value: defaults of all stages. */
export const everyStageShape = {
  soak: duration.optional().describe("how long the gates must have been green without a break"),
  within: positiveDuration
    .optional()
    .describe("the time after which a stage that has not passed ends; without it twice the soak"),
  interval: positiveDuration.optional().describe("how often gates and triggers are measured"),
  tolerate: duration.optional().describe("the sum of red time that does not restart the soak"),
  onRunnerLost: z
    .enum(["rollback", "hold"])
    .optional()
    .describe("what happens when the runner dies in this stage, below 100 %; without it the plan's"),
};

/** The keys of a stage with a plain value. */
export const stageShape = {
  name: nameText.describe("the stage's name; its evidence folder is called after it"),
  traffic: share.optional().describe("the share of traffic in this stage"),
  ...everyStageShape,
};

/** The lists that `everyStage` and a stage have. */
export const everyStageLists = {
  checks: "tests made once, after the change",
  gates: "conditions to leave the stage",
  evidence: "what is kept when the stage ends",
} as const;

export const stageLists = {
  actions: "changes in order, each until it took effect",
  ...everyStageLists,
} as const;
