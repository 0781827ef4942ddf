import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { agedSample } from "../../../../src/core/aged-sample.ts";
import { builtInDrivers } from "../../../../src/drivers/registry.ts";
import { alertmanagerCases } from "./alertmanager-cases.ts";
import { commandCases } from "./command-cases.ts";
import { graphiteCases } from "./graphite-cases.ts";
import { httpJsonCases } from "./http-json-cases.ts";
import { influxdbCases } from "./influxdb-cases.ts";
import { logCases } from "./log-cases.ts";
import { openmetricsCases } from "./openmetrics-cases.ts";
import { prometheusCases } from "./prometheus-cases.ts";
import { SITUATIONS, type Situation, type SourceCase, type SourceCases } from "./source-cases.ts";
import { sqlCases } from "./sql-cases.ts";

const sources: readonly SourceCases[] = [
  prometheusCases,
  openmetricsCases,
  httpJsonCases,
  commandCases,
  logCases,
  alertmanagerCases,
  influxdbCases,
  graphiteCases,
  sqlCases,
];

/** The `maxAge` of the metrics here, in milliseconds. */
const MAX_AGE = 30_000;
const PAGE = join(import.meta.dirname, "../../../../docs/metrics.md");
const BEGIN = "<!-- what no data looks like: begin -->";
const END = "<!-- what no data looks like: end -->";
const situations = Object.keys(SITUATIONS) as Situation[];

test("every source is in the table, and every situation is told or ruled out for each", () => {
  expect(sources.map(({ source }) => source).toSorted()).toEqual(
    [...builtInDrivers().metrics.keys()].toSorted(),
  );
  for (const { source, cases, never } of sources) {
    const told = situations.map((each) => cases.some(({ situation }) => situation === each));
    const ruledOut = situations.map((each) => never[each] !== undefined);
    expect([source, told]).toEqual([source, ruledOut.map((is) => !is)]);
  }
});

describe.each(sources)("$source", ({ cases }) => {
  test.each(cases)("$situation: $says is $becomes", async ({ ask, becomes, why }) => {
    const sample = agedSample(await ask(), MAX_AGE, Date.now());
    expect(sample).toMatchObject(
      becomes === "value"
        ? { kind: "value", value: why }
        : { kind: becomes, why: expect.stringMatching(patternOf(String(why))) },
    );
  });
});

/** A reason, in which `…` stands for anything. */
function patternOf(why: string): RegExp {
  const parts = why.split("…").map((part) => part.replaceAll(/[$()*+.?[\\\]^{|}]/gu, "\\$&"));
  return new RegExp(parts.join(".*"), "u");
}

test("docs/metrics.md has the table (write it anew with `npx vitest run test/drivers/metrics/no-data -u`)", async () => {
  const page = readFileSync(PAGE, "utf8");
  const [before, rest = ""] = page.split(BEGIN);
  const after = rest.split(END)[1];
  expect(after).toBeDefined();
  const written = `${before}${BEGIN}\n\n${render()}\n${END}${after}`;
  await expect(written).toMatchFileSnapshot(PAGE);
});

function render(): string {
  const overview = table(
    ["source", ...situations.map((each) => SITUATIONS[each])],
    sources.map((each) => [
      `[${each.source}](#${each.source})`,
      ...situations.map((situation) => cell(each, situation)),
    ]),
  );
  return [overview, ...sources.map(details)].join("\n");
}

function cell({ cases }: SourceCases, situation: Situation): string {
  const kinds = cases.filter((each) => each.situation === situation).map(({ becomes }) => becomes);
  return kinds.length === 0 ? "·" : [...new Set(kinds)].join(", ");
}

function details({ source, cases, never }: SourceCases): string {
  const rows = situations.flatMap((situation) => {
    const told = cases.filter((each) => each.situation === situation);
    return told.length === 0
      ? [[SITUATIONS[situation], `cannot be: ${never[situation]}`, "·"]]
      : told.map((each) => [SITUATIONS[situation], each.says, outcome(each)]);
  });
  return `### ${source}\n\n${table(["when", "the source says", "canary says"], rows)}`;
}

function outcome({ becomes, why }: SourceCase): string {
  return why === "" ? `**${becomes}**` : `**${becomes}**: ${why}`;
}

function table(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |\n`;
  return `${line(head)}${line(head.map(() => "---"))}${rows.map(line).join("")}`;
}
