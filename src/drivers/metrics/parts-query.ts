import { z } from "zod";

import type { Sample } from "../../core/sample.ts";
import { errorSample, noDataSample, observedAs } from "./sample-of.ts";
import { shareProblem } from "./share-problem.ts";
import { shareSample } from "./share-sample.ts";

/** The keys of a metric that is one query, or a share of two. */
export const PARTS = ["query", "samples", "bad", "good", "total"] as const;

export interface PartsQuery {
  readonly query?: string | undefined;
  readonly samples?: string | undefined;
  readonly bad?: string | undefined;
  readonly good?: string | undefined;
  readonly total?: string | undefined;
}

const text = z.string().min(1);

/** The keys of such a metric, in a query language. */
export function partsShape(language: string): Record<keyof PartsQuery, z.ZodOptional<z.ZodString>> {
  return {
    query: text.optional().describe(`${language} that gives one number`),
    samples: text
      .optional()
      .describe(`${language} that counts the observations behind \`query\`, for minSamples`),
    bad: text.optional().describe(`${language} that counts what failed; no answer means none`),
    good: text.optional().describe(`${language} that counts what went well`),
    total: text.optional().describe(`${language} that counts everything; 0 or nothing is no data`),
  };
}

/** Refuses keys that do not go together; for `superRefine`. */
export function refineParts(query: PartsQuery, issues: z.RefinementCtx): void {
  const problem = shareProblem(query, "query");
  if (problem !== null) issues.addIssue({ code: "custom", ...problem });
  else if (query.samples !== undefined && query.query === undefined)
    issues.addIssue({
      code: "custom",
      path: ["samples"],
      message: "`samples` goes with `query`: a share counts its `total`",
    });
}

/** Asks one of the queries. Null where the source has no such thing at all. */
export type AskPart = (text: string, what: string) => Promise<Sample | null>;

/** Asks for all the parts of a metric, and makes one sample of them. */
export async function measureParts(query: PartsQuery, ask: AskPart): Promise<Sample> {
  const part = async (key: (typeof PARTS)[number]): Promise<Sample | null> =>
    query[key] === undefined ? null : await ask(query[key], `\`${key}\``);
  if (query.query !== undefined) return await plain(query, part);
  const side = query.bad === undefined ? "good" : "bad";
  const [counted, whole] = await Promise.all([part(side), part("total")]);
  if (whole === null) return noDataSample("`total` gave nothing");
  if (whole.kind !== "value") return whole;
  if (counted !== null && counted.kind !== "value") return counted;
  const total = numberOf(whole);
  const amount = counted === null ? 0 : numberOf(counted);
  if (total === null || amount === null)
    return errorSample(`\`${total === null ? "total" : side}\` is no number`);
  const sample = shareSample({ side, part: amount, total, samples: total });
  return observedAs(sample, whole.observedAt);
}

type Key = (typeof PARTS)[number];

async function plain(
  query: PartsQuery,
  part: (key: Key) => Promise<Sample | null>,
): Promise<Sample> {
  const [sample, counted] = await Promise.all([part("query"), part("samples")]);
  if (sample === null) return noDataSample("`query` gave nothing");
  if (sample.kind !== "value" || query.samples === undefined) return sample;
  if (counted !== null && counted.kind !== "value") return counted;
  const samples = counted === null ? 0 : numberOf(counted);
  return samples === null || samples < 0
    ? errorSample("`samples` is no number of observations")
    : { ...sample, samples: Math.round(samples) };
}

function numberOf(sample: Extract<Sample, { kind: "value" }>): number | null {
  return typeof sample.value === "number" ? sample.value : null;
}
