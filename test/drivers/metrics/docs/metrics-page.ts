import { parse, stringify } from "yaml";

import type { DriverCatalog } from "../../../../src/plan/driver-catalog.ts";
import { keyTable } from "../../docs/key-table.ts";
import { markdownTable } from "../../docs/markdown-table.ts";
import {
  SITUATIONS,
  type MetricNote,
  type Situation,
  type SourceCase,
  type SourceCases,
} from "../no-data/source-cases.ts";

const situations = Object.keys(SITUATIONS) as Situation[];

/** The page of all metric sources: what the registry says about each, its note, and what no data looks like. */
export function metricsPage(catalog: DriverCatalog, cases: readonly SourceCases[]): string {
  const sources = [...catalog.metrics].flatMap(([type, driver]) => {
    const told = cases.find(({ source }) => source === type);
    return told === undefined ? [] : [{ type, driver, note: told.note, told }];
  });
  const proven = sources.flatMap(({ type, driver, note }) =>
    note.proofs.map(([test, against], index) => [
      index === 0 ? `[${type}](#${type})` : "",
      index === 0 ? driver.description : "",
      `\`${test}\``,
      against,
    ]),
  );
  const blind = sources.map(({ type, told }) => [
    `[${type}](#${type})`,
    ...situations.map((each) => cell(told, each)),
  ]);
  return [
    ...INTRODUCTION,
    ...markdownTable(["source", "", "proven by", "against"], proven),
    ...NO_DATA,
    ...markdownTable(["source", ...situations.map((each) => SITUATIONS[each])], blind),
    ...sources.flatMap(({ type, driver, note, told }) => [
      `## ${type}`,
      "",
      `It ${driver.description}.`,
      "",
      ...example(note),
      "The connection:",
      "",
      ...keyTable(driver.config),
      "A metric, beside the keys of every metric:",
      "",
      ...keyTable(driver.query),
      `- **Age**: ${note.age}.`,
      `- **Least rights**: ${note.rights}.`,
      "",
      ...markdownTable(["when", "the source says", "canary says"], rowsOf(told)),
    ]),
  ].join("\n");
}

const INTRODUCTION = [
  "# Metrics",
  "",
  "A metric is a question to a source, asked again and again. What comes back is one of five things, and only the first can",
  "pass a gate:",
  "",
  "- **value**: one finite number (or yes or no), with the number of observations behind it where the source counts them;",
  "- **inconclusive**: the source counted, and counted nothing, as of a service without traffic at night;",
  "- **noData**: the source was asked, and has nothing to say;",
  "- **stale**: there is an answer, but it is of a time that is over;",
  "- **error**: the source could not be asked, or what it said is no answer.",
  "",
  "Inconclusive is not blind: it pauses the soak, and fires no trigger; fewer samples than `minSamples` are the same. The last",
  "three are blind: a gate does not pass on them, a trigger does not fire on them, and a rollout that stays blind",
  "for `maxBlind` goes back. A value older than `maxAge` (5 minutes where the metric does not say) is stale, whatever the",
  "source. The same question by several conditions is sent once a tick, and a source that answers `429` with `Retry-After`",
  "is left alone for that long, up to five minutes.",
  "",
  "Where the source says when it observed a value, a gate passes only on one that it observed within the stage and within",
  "the window that was asked about; of a source that lags by more, once it has seen a whole window of the stage. One that",
  "stands still never promotes. State a `maxAge` near the lag that you expect, so that a source that died is noticed within a",
  "short stage too.",
  "",
  "Keys of every metric: `connection`, `unit`, `minSamples`, `window`, `baseline`, `maxAge`, `timeout`, and for",
  "comparisons with stable `confidence`, `max`, `designEffect` and `splitTolerance` ([comparing](comparing.md)). `bad` (or `good`)",
  "with `total` gives a share and counts its samples; `${window}` in a query becomes the window of the condition, and",
  '`${arm}` what `arms` of the connection calls the canary or the stable version. Secrets are references like `"${env:X}"`.',
  "",
  "This page is made from the drivers themselves. Each example is checked by a test, and each row names the test that",
  "proves the driver, below `test/drivers/metrics`, and what it was proven against.",
  "",
];

const NO_DATA = [
  "## What no data looks like",
  "",
  "Each cell is proven by `no-data/no-data.test.ts`, and told in full with its source below; a dot stands where a source",
  "cannot get into that situation, or cannot tell it. A healthy service that never failed has no series of its failures, so",
  "`bad` beside a `total` is 0; but a `total` that is missing is a service without traffic, or a mistake in the query, and",
  "says nothing.",
  "",
];

/** In block style, which the formatter of this repository leaves as it is. */
function example({ connection, metrics }: MetricNote): readonly string[] {
  const plan = {
    connections: { source: parse(connection) as unknown },
    metrics: parse(metrics.join("\n")) as unknown,
  };
  return ["```yaml", ...stringify(plan, { lineWidth: 0 }).trimEnd().split("\n"), "```", ""];
}

function cell({ cases }: SourceCases, situation: Situation): string {
  const kinds = cases.filter((each) => each.situation === situation).map(({ becomes }) => becomes);
  return kinds.length === 0 ? "·" : [...new Set(kinds)].join(", ");
}

function rowsOf({ cases, never }: SourceCases): readonly (readonly string[])[] {
  return situations.flatMap((situation) => {
    const told = cases.filter((each) => each.situation === situation);
    return told.length === 0
      ? [[SITUATIONS[situation], never[situation] ?? "", "·"]]
      : told.map((each) => [SITUATIONS[situation], each.says, outcome(each)]);
  });
}

function outcome({ becomes, why }: SourceCase): string {
  return why === "" ? `**${becomes}**` : `**${becomes}**: ${why}`;
}
