import type { Plan } from "../core/plan.ts";
import { comparisonsOf, type Comparison, type KnownTraffic, type Settled } from "./comparisons.ts";
import { formatDuration } from "./format-duration.ts";

/** What comparisons with stable can see, for people; nothing for a plan without any. */
export function comparisonLines(plan: Plan, traffic: KnownTraffic): readonly string[] {
  const all = comparisonsOf(plan, traffic);
  if (all.length === 0) return [];
  const stages = [...new Set(all.map(({ stage }) => stage))];
  return [
    `comparisons with stable, settled in four of five runs, ${knownWords(traffic)}`,
    ...stages.flatMap((name) => [
      `  ${name}`,
      ...all.filter(({ stage }) => stage === name).flatMap(lines),
    ]),
    "",
  ];
}

function knownWords({ given, measured }: KnownTraffic): string {
  if (given !== null) {
    const rate =
      given.rate === null ? "" : `, of which ${digits(100 * given.rate)}% are events at stable`;
    return `at ${digits(given.requests)} requests/s${rate}`;
  }
  if (measured === undefined)
    return "in events at the canary; for times add --requests and --event-rate, or --measure";
  const each = [...measured].map(
    ([name, { requests, rate }]) =>
      `${name} ${digits(requests)} requests/s, ${digits(100 * (rate ?? 0))}% events`,
  );
  return `as stable is now: ${each.length === 0 ? "nothing could be measured" : each.join("; ")}`;
}

function lines({
  place,
  text,
  confidence,
  approximate,
  sharedBy,
  expected,
  settled,
  smallest,
  warning,
}: Comparison): string[] {
  const shared =
    sharedBy > 1 ? `, ${place === "gate" ? "red" : "alarms"} shared by ${sharedBy}` : "";
  const counted =
    expected === null
      ? []
      : [
          `      expected in the soak: ${Math.round(expected.requests)} requests at the canary, ${digits(expected.events)} events if it is like stable`,
        ];
  const least =
    smallest === undefined
      ? []
      : [
          `      smallest that the soak finds: ${smallest === null ? "none" : `${digits(smallest)}x`}`,
        ];
  return [
    `    ${place} ${text} at ${approximate === undefined ? "" : "about "}${digits(100 * confidence)}%${shared}`,
    ...(approximate === undefined ? [] : [`      about: ${approximate}`]),
    ...counted,
    ...least,
    ...settled.map((each) => `      ${subject(each)} ${amount(each)}`),
    ...(warning === null ? [] : [`      WARNING: ${warning}`]),
  ];
}

function subject({ ratio, as }: Settled): string {
  return as === "at-most" ? "one like stable is proven" : `${digits(ratio)}x is found`;
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
