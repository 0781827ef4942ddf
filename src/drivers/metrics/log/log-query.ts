import { z } from "zod";

import { linePattern, linePatternInput } from "../../line-pattern.ts";
import { PERSONAL_CLASSES } from "./personal-data.ts";

/** How much one of these is in the metric's base unit. */
export const LOGGED_UNITS = {
  ns: 1e-9,
  us: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  "%": 0.01,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
} as const;

const FORMS = ["count", "quantile", "scan"] as const;

/** What is made of the lines of a log within a window. Every pattern is a regular expression. */
export const logQuery = z
  .strictObject({
    count: linePatternInput.optional().describe("counts the lines that match"),
    bad: linePatternInput.optional().describe("lines that tell of a failure"),
    good: linePatternInput.optional().describe("lines that tell of a success"),
    total: linePatternInput
      .optional()
      .describe("lines that tell of anything judged; without it those of good and bad"),
    quantile: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe("which quantile of the numbers that `of` finds, like 0.95; 1 is the largest"),
    of: linePatternInput
      .refine(
        (text) => groupsOf(text) === 1,
        "put the number, and nothing else, into parentheses: latency=(\\d+)",
      )
      .optional()
      .describe("finds a number in a line, in its one group: latency=(\\d+)"),
    in: z
      .enum(Object.keys(LOGGED_UNITS) as Array<keyof typeof LOGGED_UNITS>)
      .optional()
      .describe("the unit that the lines state their numbers in, converted to the metric's"),
    scan: z
      .array(z.enum(PERSONAL_CLASSES))
      .min(1)
      .optional()
      .describe("counts personal data of these classes; a find is told by place and hash alone"),
    allow: z
      .array(z.string().min(1))
      .optional()
      .describe("finds of `scan` that are no personal data: @app, or a regular expression /…/"),
    where: linePatternInput.optional().describe("leaves all other lines out of account"),
  })
  .superRefine((query, issues) => {
    const problem = formProblem(query);
    if (problem !== null) issues.addIssue({ code: "custom", ...problem });
  });

export type LogQuery = z.infer<typeof logQuery>;

interface Problem {
  readonly message: string;
  readonly path: string[];
}

function formProblem(query: Readonly<Record<string, unknown>>): Problem | null {
  const has = (key: string): boolean => query[key] !== undefined;
  const forms: string[] = FORMS.filter(has);
  if (has("bad") || has("good")) forms.push(has("bad") ? "bad" : "good");
  const [form, second] = forms;
  if (second !== undefined && form !== undefined)
    return {
      message: `\`${form}\` and \`${second}\` are two metrics: leave out one`,
      path: [second],
    };
  if (has("total") && !has("bad") && !has("good"))
    return { message: "`total` needs `bad` or `good`, the part that is judged", path: ["total"] };
  if (form === undefined)
    return {
      message:
        "state a `count`, a `quantile` with `of`, a `scan`, or `bad` and `good` (or `total`)",
      path: [],
    };
  return shareProblem(has, form) ?? strayProblem(has, form);
}

function shareProblem(has: (key: string) => boolean, form: string): Problem | null {
  if (form !== "bad" && form !== "good") return null;
  if (has("bad") && has("good") && has("total"))
    return { message: "`good`, `bad` and `total` say it twice: leave out one", path: ["good"] };
  if (has("total") || (has("bad") && has("good"))) return null;
  const other = form === "bad" ? "good" : "bad";
  return {
    message: `\`${form}\` needs the \`total\` that it is a part of, or \`${other}\``,
    path: [form],
  };
}

/** Keys that belong to another form. */
function strayProblem(has: (key: string) => boolean, form: string): Problem | null {
  if (form === "quantile" && !has("of"))
    return { message: "`quantile` needs `of`, which finds the number", path: ["quantile"] };
  const owners = { of: "quantile", in: "quantile", allow: "scan" } as const;
  for (const key of ["of", "in", "allow"] as const) {
    if (has(key) && owners[key] !== form)
      return { message: `\`${key}\` goes with \`${owners[key]}\``, path: [key] };
  }
  return null;
}

/** How many groups a pattern has. */
function groupsOf(text: string): number {
  const pattern = linePattern(text);
  if (pattern === null) return 0;
  const match = new RegExp(`${pattern.source}|`, pattern.flags).exec("");
  return (match?.length ?? 1) - 1;
}
