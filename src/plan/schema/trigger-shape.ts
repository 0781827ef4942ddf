import { z } from "zod";

/** What triggers do, from the strongest to the weakest. */
export const triggerGroups = {
  rollback: "go back",
  hold: "wait for a person",
  page: "call a person",
  warn: "tell",
} as const;

export type TriggerGroup = keyof typeof triggerGroups;

/** The keys of a trigger with a plain value. */
export const triggerShape = {
  playbook: z
    .string()
    .min(1)
    .optional()
    .describe("the name of a playbook under `playbooks`, offered when this fires"),
  name: z.string().min(1).optional().describe("what people read; without it the condition"),
};
