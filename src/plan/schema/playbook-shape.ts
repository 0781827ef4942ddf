import { z } from "zod";

import { fileName } from "./file-name.ts";
import { positiveDuration } from "./scalars.ts";

const lines = z.array(z.string().min(1)).optional();

/** The keys of a playbook with plain texts. */
export const playbookShape = {
  causes: lines.describe("what may be behind it, for people"),
  recover: lines.describe("what a person does about it, step by step"),
};

/** The lists and maps of a playbook. */
export const playbookSections = {
  diagnose: "what is asked to see how things stand; reads only",
  actions: "changes that help, captured and undoable like all others",
  params: "values that its actions need, given with --set name=value when it is run",
} as const;

/** The keys that every item of a diagnosis may have beside those of its kind. */
export const diagnosisShape = {
  as: fileName.optional().describe("the file that keeps the answer"),
  connection: z.string().optional().describe("left out where only one connection fits"),
  timeout: positiveDuration.optional().describe("how long it may take; without it 30s"),
};
