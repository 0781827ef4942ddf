import type { BrokenCase } from "./runbook.ts";

/** One metric that is bad for some minutes of a stage, and well again from then on. */
export interface BadMetric {
  readonly metric: string;
  readonly bad: string;
  readonly well: string;
  readonly minutes: number;
  readonly breaks: string;
}

/** `metric|bad|well|minutes|trigger NAME`. */
export function badMetric(line: string): BadMetric {
  const [metric = "", bad = "", well = "", minutes = "", ...breaks] = line.split("|");
  return { metric, bad, well, minutes: Number(minutes), breaks: breaks.join("|") };
}

const value = (text: string): string | boolean =>
  text === "true" || text === "false" ? text === "true" : text;

/** What a scenario says of it, from the given minute of a stage on. */
export function moments(stage: string, from: number, one: BadMetric): readonly object[] {
  const [bad, well] = [value(one.bad), value(one.well)];
  return [
    { stage, after: `${from}m`, value: bad, ...samples(bad) },
    { stage, after: `${from + one.minutes}m`, value: well, ...samples(well) },
  ];
}

function samples(of: string | boolean): object {
  return typeof of === "string" ? { samples: 5000 } : {};
}

/** Each of them in a rehearsal of its own. */
export function eachAlone(
  stage: string,
  from: number,
  exit: number,
  lines: readonly string[],
  more: Partial<BrokenCase> & { readonly words?: readonly object[] } = {},
): readonly BrokenCase[] {
  const { words, ...rest } = more;
  return lines.map(badMetric).map((one) => ({
    breaks: one.breaks,
    what: `${one.metric} is ${one.bad} for ${one.minutes} minutes`,
    broken: {
      metrics: { [one.metric]: moments(stage, from, one) },
      ...(words === undefined ? {} : { words }),
    },
    exit,
    ...rest,
  }));
}

/** One after another in a single rehearsal, a minute between two: for what is told and changes nothing. */
export function oneByOne(
  stage: string,
  lines: readonly string[],
  more: Partial<BrokenCase> = {},
): readonly BrokenCase[] {
  const metrics: Record<string, object[]> = {};
  let from = 1;
  const list = lines.map(badMetric);
  for (const one of list) {
    metrics[one.metric] ??= [{ after: "0s", value: value(one.well), ...samples(one.well) }];
    metrics[one.metric]?.push(...moments(stage, from, one));
    from += one.minutes + 1;
  }
  return list.map((one) => ({
    breaks: one.breaks,
    what: `${one.metric} is ${one.bad} for ${one.minutes} minutes`,
    broken: { metrics },
    exit: 0,
    ...more,
  }));
}

/** A check that fails from the beginning of a stage on. */
export function failingChecks(
  stage: string | null,
  exit: number,
  names: readonly string[],
  more: Partial<BrokenCase> = {},
): readonly BrokenCase[] {
  return names.map((check) => ({
    breaks: `check ${check}`,
    what: stage === null ? "fails before the start" : `fails in ${stage}`,
    broken: {
      checks: { [check]: [{ ...(stage === null ? {} : { stage }), after: "0s", result: "fail" }] },
    },
    exit,
    ...more,
  }));
}

/** A confirmation that is answered with no. */
export function saidNo(
  stage: string | null,
  after: string,
  exit: number,
  names: readonly string[],
  more: Partial<BrokenCase> = {},
): readonly BrokenCase[] {
  return names.map((confirm) => ({
    breaks: stage === null ? `confirmation ${confirm}` : `gate ${confirm} confirmed`,
    what: "a person says no",
    broken: {
      words: [{ ...(stage === null ? {} : { stage }), after, confirm, yes: false }],
    },
    exit,
    ...more,
  }));
}
