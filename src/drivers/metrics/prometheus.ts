import { z } from "zod";

import type { Millis } from "../../core/units.ts";
import type { MetricDriver, MetricSource } from "../driver.ts";
import type { PromServer } from "./ask-prometheus.ts";
import { fillWindow } from "./fill-window.ts";
import { measurePrometheus, type PromQuestion } from "./measure-prometheus.ts";
import { createPace } from "./pace.ts";
import { createPromPast } from "./prometheus-past.ts";
import { promqlProblems } from "./promql-problems.ts";
import { promqlReach } from "./promql-selectors.ts";
import { shareProblem } from "./share-problem.ts";
import { signInShape } from "./source-request.ts";
import { withinSignal } from "./within-signal.ts";

export const prometheusConfig = z.strictObject({
  url: z.string().min(1).describe("address of the server, without /api/v1: http://prometheus:9090"),
  ...signInShape,
  tenant: z.string().min(1).optional().describe("tenant of Mimir or Cortex (X-Scope-OrgID)"),
  arms: z
    .strictObject({ canary: z.string(), stable: z.string().optional() })
    .optional()
    .describe('label matchers that tell the two versions apart: `version="1.2"`; fill ${arm}'),
});

const promql = z.string().min(1);

export const prometheusQuery = z
  .strictObject({
    query: promql.optional().describe("PromQL that gives one number"),
    samples: promql
      .optional()
      .describe("PromQL that counts the observations behind `query`, for minSamples"),
    bad: promql.optional().describe("PromQL that counts what failed; absent series mean none"),
    good: promql.optional().describe("PromQL that counts what went well"),
    total: promql.optional().describe("PromQL that counts everything; 0 or absent is no data"),
  })
  .superRefine((query, issues) => {
    const problem = shareProblem(query, "query");
    if (problem !== null) issues.addIssue({ code: "custom", ...problem });
    else if (query.samples !== undefined && query.query === undefined)
      issues.addIssue({
        code: "custom",
        path: ["samples"],
        message: "`samples` goes with `query`: a share counts its `total`",
      });
  });

export type PrometheusConfig = z.infer<typeof prometheusConfig>;
export type PrometheusQuery = z.infer<typeof prometheusQuery>;

/**
 * PromQL over the HTTP API of Prometheus and what speaks it (Thanos, Mimir, VictoriaMetrics, Grafana Cloud). TLS
 * certificates of one's own go into `NODE_EXTRA_CA_CERTS`.
 */
export const prometheusDriver: MetricDriver<PrometheusConfig, PrometheusQuery> = {
  type: "prometheus",
  description: "asks a Prometheus, or what speaks its HTTP API",
  config: prometheusConfig,
  query: prometheusQuery,
  window,
  unit: (query) => (query.total === undefined ? null : "ratio"),
  over: "placeholder",
  counts: (query) => query.total !== undefined || query.samples !== undefined,
  lint: (query) =>
    KEYS.flatMap((key) => {
      const text = query[key];
      return text === undefined
        ? []
        : promqlProblems(text).map(({ message, offset }) => ({ message, offset, key }));
    }),
  open: (opened) => sourceOf({ ...opened, pace: createPace() }),
  openPast: (opened, until) => sourceOf({ ...opened, past: createPromPast(until) }),
};

function sourceOf(server: PromServer): MetricSource<PrometheusQuery> {
  return {
    sample(query, window, context) {
      const question = questionOf(query, (text) => fillWindow(text, window));
      const measured = measurePrometheus({ ...server, ...context.connection }, question, context);
      return withinSignal(context.signal, measured);
    },
    close: () => undefined,
  };
}

const KEYS = ["query", "samples", "bad", "good", "total"] as const;

/** The furthest that any of its queries looks back; null when one leaves it open, with `${window}` or a computed range. */
function window(query: PrometheusQuery): Millis | null {
  let furthest: Millis | null = 0;
  for (const key of KEYS) {
    const text = query[key];
    if (text === undefined || key === "samples") continue;
    const reach = promqlReach(text);
    furthest = reach === null || furthest === null ? null : Math.max(furthest, reach);
  }
  return furthest;
}

function questionOf(query: PrometheusQuery, fill: (text: string) => string): PromQuestion {
  if (query.query !== undefined) {
    const samples = query.samples === undefined ? null : fill(query.samples);
    return { kind: "plain", query: fill(query.query), samples };
  }
  const side = query.bad === undefined ? "good" : "bad";
  // The schema lets no other query through than `query`, or one side with `total`.
  return { kind: "share", side, part: fill(query[side] ?? ""), total: fill(query.total ?? "") };
}
