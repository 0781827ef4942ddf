import { z } from "zod";

import { parseSelector } from "./series-selector.ts";
import { shareProblem } from "./share-problem.ts";

const selector = z.string().min(1);

/** What is derived from the scrapes of one endpoint. Every text is a selector: `http_requests_total{status=~"5.."}`. */
export const openmetricsQuery = z
  .strictObject({
    gauge: selector.optional().describe("the value of this gauge as it is now"),
    per: selector
      .optional()
      .describe("divides `gauge` by this one: active connections per pool size"),
    reduce: z
      .enum(["sum", "max", "min", "avg"])
      .optional()
      .describe("makes one value of the several series of a gauge"),
    rate: selector.optional().describe("growth of these counters per second, over the window"),
    increase: selector.optional().describe("growth of these counters over the window"),
    histogram: selector
      .optional()
      .describe("a histogram, without _bucket; `quantile` of its observations in the window"),
    quantile: z.number().gt(0).lt(1).optional().describe("which quantile, like 0.95"),
    bad: selector.optional().describe("counters of what failed; absent series mean none"),
    good: selector.optional().describe("counters of what went well"),
    total: selector.optional().describe("counters of everything; no growth is no data"),
  })
  .superRefine((query, issues) => {
    const problem = formProblem(query);
    if (problem !== null) issues.addIssue({ code: "custom", ...problem });
  });

export type OpenmetricsQuery = z.infer<typeof openmetricsQuery>;

const SELECTORS = [
  "gauge",
  "per",
  "rate",
  "increase",
  "histogram",
  "bad",
  "good",
  "total",
] as const;
const FORMS = ["gauge", "rate", "increase", "histogram"] as const;

/** What is wrong with the selectors of a query. */
export function selectorProblems(
  query: OpenmetricsQuery,
): ReadonlyArray<{ readonly message: string; readonly key: string; readonly offset: number }> {
  return SELECTORS.flatMap((key) => {
    const text = query[key];
    const parsed = text === undefined ? null : parseSelector(text);
    return parsed !== null && "kind" in parsed
      ? [{ message: parsed.message, offset: parsed.offset, key }]
      : [];
  });
}

interface Problem {
  readonly message: string;
  readonly path: string[];
}

function formProblem(query: OpenmetricsQuery): Problem | null {
  const forms = FORMS.filter((form) => query[form] !== undefined);
  const [form, second] = forms;
  if (second !== undefined)
    return {
      message: `\`${form}\` and \`${second}\` are two metrics: leave out one`,
      path: [second],
    };
  if (form === undefined) {
    const share = shareProblem(query, "gauge");
    return share === null ? strayProblem(query, null) : noForm(share);
  }
  return shareProblem(query, form) ?? strayProblem(query, form);
}

function noForm(problem: Problem): Problem {
  return problem.path.length > 0
    ? problem
    : {
        message:
          "state a `gauge`, a `rate`, an `increase`, a `histogram` with `quantile`, or `bad` (or `good`) with `total`",
        path: [],
      };
}

/** Keys that belong to another form. */
function strayProblem(query: OpenmetricsQuery, form: string | null): Problem | null {
  if (form === "histogram" && query.quantile === undefined)
    return { message: "`histogram` needs a `quantile`, like 0.95", path: ["histogram"] };
  const owners = { per: "gauge", reduce: "gauge", quantile: "histogram" } as const;
  for (const key of ["per", "reduce", "quantile"] as const) {
    if (query[key] !== undefined && owners[key] !== form)
      return { message: `\`${key}\` goes with \`${owners[key]}\``, path: [key] };
  }
  return null;
}
