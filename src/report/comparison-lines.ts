import type { Plan } from "../core/plan.ts";
import {
  comparisonsOf,
  type Comparison,
  type ExpectedTraffic,
  type Settled,
} from "./comparisons.ts";
import { formatDuration } from "./format-duration.ts";

/** What comparisons with stable can see, for people; nothing for a plan without any. */
export function comparisonLines(plan: Plan, traffic: ExpectedTraffic | null): readonly string[] {
  const all = comparisonsOf(plan, traffic);
  if (all.length === 0) return [];
  const stages = [...new Set(all.map(({ stage }) => stage))];
  const known =
    traffic === null
      ? "in events at the canary; for times add --requests and --event-rate"
      : `at ${digits(traffic.requests)} requests/s, of which ${digits(100 * traffic.rate)}% are events at stable`;
  return [
    `comparisons with stable, settled in four of five runs, ${known}`,
    ...stages.flatMap((name) => [
      `  ${name}`,
      ...all.filter(({ stage }) => stage === name).flatMap(lines),
    ]),
    "",
  ];
}

function lines({ place, text, confidence, settled, smallest, warning }: Comparison): string[] {
  const least =
    smallest === undefined || smallest === null
      ? ""
      : `; in the time of the soak ${digits(smallest)}x or more`;
  return [
    `    ${place} ${text} at ${digits(100 * confidence)}%${least}`,
    ...settled.map((each) => `      ${subject(place, each)} ${amount(each)}`),
    ...(warning === null ? [] : [`      WARNING: ${warning}`]),
  ];
}

function subject(place: Comparison["place"], { ratio }: Settled): string {
  return place === "gate" && ratio === 1
    ? "one like stable is proven"
    : `${digits(ratio)}x is found`;
}

function amount({ events, requests, after }: Settled): string {
  if (!Number.isFinite(events)) return "never";
  const counted = `about ${Math.max(1, Math.round(events))} events`;
  return requests === null || after === null
    ? `by ${counted}`
    : `after ${formatDuration(after)}: ${counted} in ${Math.ceil(requests)} requests at the canary`;
}

function digits(value: number): string {
  return String(Number(value.toPrecision(3)));
}
