import { z } from "zod";

import { duration, nameText, positiveDuration, storeText } from "./scalars.ts";

/** The keys of a plan with a plain value. */
export const planShape = {
  apiVersion: z.literal("canary/v1").describe("the version of the plan language"),
  kind: z.literal("Plan").optional().describe("what this file is"),
  name: nameText.describe("the plan's name; rollouts are called after it"),
  store: storeText
    .optional()
    .describe(
      "where rollouts are kept: kubernetes://CONTEXT/NAMESPACE, postgres://USER@HOST/DATABASE, or file; --store and CANARY_STORE come first",
    ),
  onRunnerLost: z
    .enum(["rollback", "hold"])
    .optional()
    .describe("what happens when the runner dies below 100 %; without it rollback"),
  maxBlind: duration
    .optional()
    .describe(
      "how long a gate or trigger may be without data before the rollout rolls back; without it 10m",
    ),
  interval: positiveDuration
    .optional()
    .describe("how often triggers are measured when no stage says otherwise; without it 10s"),
};

/** The sections of a plan, in the order in which they are best written. */
export const planSections = {
  about: "owner, tier and links, for people",
  params: "values given at start with --set name=value",
  connections: "addresses and credentials, by name",
  metrics: "queries to a source, by name",
  checks: "active tests and confirmations, by name",
  traffic: "the actions that shift a share of traffic",
  preflight: "checks before anything is changed",
  during: "actions that hold for the whole rollout: on before the first stage, undone at every end",
  everyStage: "defaults of all stages; its lists are added to theirs",
  stages: "the steps of the rollout",
  finish: "actions after the last stage has passed",
  triggers: "conditions that are watched in every phase, by what they do",
  rollback: "how a rollback ends and is verified",
  playbooks: "what helps when something is wrong, by name; offered, never run by itself",
  messages: "texts for people, by name",
  on: "who is told, and what is run, when something happens",
} as const;

export type PlanSection = keyof typeof planSections;
