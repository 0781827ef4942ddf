import type { Sample } from "../../core/sample.ts";
import type { DriverContext } from "../driver.ts";
import { askPrometheus, type PromServer } from "./ask-prometheus.ts";
import { oneSeries, type One } from "./one-series.ts";
import { prometheusFreshness } from "./prometheus-freshness.ts";
import { promqlCountFactor } from "./promql-count-factor.ts";
import { promqlSeen } from "./promql-seen.ts";
import { errorSample, type NoValue, observedAs } from "./sample-of.ts";
import { shareSample } from "./share-sample.ts";

/** What is asked, with every placeholder filled. */
export type PromQuestion =
  | { readonly kind: "plain"; readonly query: string; readonly samples: string | null }
  | {
      readonly kind: "share";
      readonly side: "bad" | "good";
      readonly part: string;
      readonly total: string;
    };

/**
 * Asks a Prometheus once. The first query finds the value (or the total) and the server's time; the others are asked as
 * of that same time: the other side of the share, and how fresh the series are.
 */
export async function measurePrometheus(
  server: PromServer,
  question: PromQuestion,
  context: DriverContext,
): Promise<Sample> {
  const main = question.kind === "plain" ? question.query : question.total;
  const name = question.kind === "plain" ? "the query" : "`total`";
  const at = server.past === undefined ? null : context.now() / 1000;
  const found = await askOne(server, main, name, context, at);
  if (found.kind !== "one") return found;
  const [sample, fresh] = await Promise.all([
    question.kind === "plain"
      ? plainSample(server, question.samples, found, context)
      : shareOf(server, question, found, context),
    prometheusFreshness(server, { query: main, beside: besideOf(question) }, found.at, context),
  ]);
  if (fresh.kind !== "fresh") return fresh;
  const counted = withSeen(sample, fresh.beside);
  if (fresh.age === null) return counted;
  // The age is by the server's clock alone; only the result is put on ours.
  return observedAs(counted, context.now() - fresh.age);
}

/** What was seen of both sides of a share, where their texts tell how to ask for it. */
function besideOf(question: PromQuestion): Readonly<Record<string, string>> {
  if (question.kind === "plain") return {};
  const [part, total] = [promqlSeen(question.part), promqlSeen(question.total)];
  return part === null || total === null ? {} : { part, total };
}

function withSeen(sample: Sample, beside: ReadonlyMap<string, number>): Sample {
  const total = beside.get("total");
  if (sample.kind !== "value" || sample.samples === null || total === undefined) return sample;
  return { ...sample, seen: { events: Math.max(0, beside.get("part") ?? 0), total } };
}

async function plainSample(
  server: PromServer,
  counting: string | null,
  { value, at }: One,
  context: DriverContext,
): Promise<Sample> {
  const plain = { kind: "value", value, observedAt: null } as const;
  if (counting === null) return { ...plain, samples: null };
  const counted = await askOneOrAbsent(server, counting, "`samples`", context, at);
  if (counted !== null && counted.kind !== "one") return counted;
  if (counted !== null && counted.value < 0)
    return errorSample(`\`samples\` is ${counted.value}: it must count something`);
  return { ...plain, samples: Math.round(counted?.value ?? 0) };
}

async function shareOf(
  server: PromServer,
  { side, part, total }: Extract<PromQuestion, { kind: "share" }>,
  { value, at }: One,
  context: DriverContext,
): Promise<Sample> {
  const answer = await askOneOrAbsent(server, part, `\`${side}\``, context, at);
  if (answer !== null && answer.kind !== "one") return answer;
  const factor = promqlCountFactor(total);
  return shareSample({
    side,
    // No such series while the total is there: it was never counted, so there was none.
    part: answer?.value ?? 0,
    total: value,
    samples: factor === null ? null : value * factor,
  });
}

async function askOne(
  server: PromServer,
  query: string,
  what: string,
  context: DriverContext,
  at: number | null,
): Promise<One | NoValue> {
  const answer = await askPrometheus(server, query, context, at);
  return answer.kind === "series" ? oneSeries(answer.series, what) : answer;
}

/** As `askOne`; null for an answer without series. */
async function askOneOrAbsent(
  server: PromServer,
  query: string,
  what: string,
  context: DriverContext,
  at: number,
): Promise<One | NoValue | null> {
  const answer = await askPrometheus(server, query, context, at);
  if (answer.kind !== "series") return answer;
  return answer.series.length === 0 ? null : oneSeries(answer.series, what);
}
