import { z } from "zod";

const moment = {
  stage: z.string().min(1).optional().describe("count from the start of this stage"),
  after: z.union([z.string(), z.number()]).describe("when: 90s, 10m"),
};

const blind = z.enum(["noData", "stale", "error"]);

const metricMoment = z
  .strictObject({
    ...moment,
    value: z
      .union([z.number(), z.string(), z.boolean()])
      .optional()
      .describe("what the metric gives from then on: 5%, 300ms"),
    samples: z.int().min(0).optional().describe("observations behind the value"),
    outcome: blind.optional().describe("the metric is blind from then on"),
  })
  .refine(({ value, outcome }) => (value === undefined) !== (outcome === undefined), {
    message: "write either `value` or `outcome`",
  });

const checkMoment = z.strictObject({ ...moment, result: z.enum(["pass", "fail", "error"]) });

const writeMoment = z.strictObject({
  ...moment,
  field: z.string().min(1).describe("part of what `canary plan` shows of the write"),
  result: z.enum(["works", "failed", "unknown"]),
});

const reason = z.string().min(1);

const wordMoment = z
  .strictObject({
    ...moment,
    abort: reason.optional().describe("a person aborts, with this reason"),
    hold: reason.optional().describe("a person holds, with this reason"),
    resume: z.literal(true).optional(),
    promote: z.literal(true).optional(),
    confirm: z.string().min(1).optional().describe("the name of a confirmation"),
    yes: z.boolean().optional().describe("false answers a confirmation with no"),
  })
  .refine(
    (word) =>
      ["abort", "hold", "resume", "promote", "confirm"].filter(
        (key) => word[key as keyof typeof word] !== undefined,
      ).length === 1,
    { message: "write one of `abort`, `hold`, `resume`, `promote`, `confirm`" },
  );

/** A scenario file as it is written. */
export const scenarioSchema = z.strictObject({
  apiVersion: z.literal("canary/v1"),
  kind: z.literal("Scenario"),
  metrics: z.record(z.string(), z.array(metricMoment).min(1)).default({}),
  checks: z.record(z.string(), z.array(checkMoment).min(1)).default({}),
  writes: z.array(writeMoment).default([]),
  words: z.array(wordMoment).default([]),
});

export type WrittenScenario = z.infer<typeof scenarioSchema>;
export type WrittenWord = z.infer<typeof wordMoment>;
