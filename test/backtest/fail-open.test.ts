import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";

import { expect, onTestFinished, test } from "vitest";

import type { PastEnd } from "../../src/backtest/play-rollout.ts";
import { composeEngine } from "../../src/cli/compose.ts";
import { loadPlanFile } from "../../src/cli/read-plan.ts";
import { liveInVirtualTime } from "../support/live-in-virtual-time.ts";
import { present } from "../support/present.ts";
import { folderForTest } from "../support/real-server.ts";

/** What a source answers to a query at a time of the rollout's clock, as JSON; null cuts the connection. */
type Answer = (query: string, now: number) => object | null;

/** A Prometheus whose series are written all the time, as far as it has any. */
function prometheus(...values: readonly string[]): Answer {
  return (query, now) =>
    query.includes("timestamp(") && values.length > 0
      ? vectorOf([[{ canary_selector: "0" }, String(now / 1000)]], now)
      : vectorOf(
          values.map((value) => [{}, value] as const),
          now,
        );
}

function vectorOf(
  series: ReadonlyArray<readonly [labels: object, value: string]>,
  now: number,
): object {
  const result = series.map(([metric, value]) => ({ metric, value: [now / 1000, value] }));
  return { status: "success", data: { resultType: "vector", result } };
}

function influxdb(...given: readonly number[]): Answer {
  return (_, now) => {
    const values = given.map((value) => [now, value]);
    const series = [{ name: "errors", columns: ["time", "mean"], values }];
    return { results: [{ statement_id: 0, ...(given.length === 0 ? {} : { series }) }] };
  };
}

const RATE = "query: 'sum(rate(errors[1m]))', unit: ratio";
const SHARE = "bad: 'sum(rate(errors[1m]))', total: 'sum(rate(requests[1m]))'";
const OR_ZERO = "query: 'sum(rate(errors[1m])) or vector(0)', unit: ratio";
const ARMS =
  "bad: 'sum(rate(errors{${arm}}[1m]))', total: 'sum(rate(requests{${arm}}[1m]))', confidence: 95%, minSamples: 10";
const INFLUX =
  'query: "SELECT mean(rate) FROM errors WHERE time > now() - 1m", unit: ratio, window: 1m';

interface Trap {
  readonly from?: "influxdb";
  readonly metric: string;
  readonly gate: string;
  /** In the first minute, so that the rollout starts. */
  readonly sound?: Answer;
  readonly answer: Answer;
}

/** Each is an answer that some peer takes for success. */
const TRAPS: ReadonlyArray<readonly [name: string, trap: Trap]> = [
  [
    "an empty InfluxDB, which Flagger reads as 0",
    {
      from: "influxdb",
      metric: INFLUX,
      gate: "seen < 1%",
      sound: influxdb(0),
      answer: influxdb(),
    },
  ],
  [
    "an empty vector, which PipeCD takes for success",
    { metric: RATE, gate: "seen < 1%", answer: prometheus() },
  ],
  [
    "empty vectors of both arms, which PipeCD takes for success",
    {
      metric: ARMS,
      gate: "seen <= 2x stable",
      sound: prometheus("100"),
      answer: prometheus(),
    },
  ],
  [
    "NaN, at which Keptn gives the full score",
    { metric: RATE, gate: "seen < 1%", answer: prometheus("NaN") },
  ],
  [
    "NaN, which is not the number that must not be",
    { metric: RATE, gate: "seen != 1%", answer: prometheus("NaN") },
  ],
  [
    "a group without any data, which Kayenta gives 100",
    { metric: RATE, gate: "{ all: [ seen < 1%, also < 1% ] }", answer: prometheus() },
  ],
  [
    "a choice without any data",
    { metric: RATE, gate: "{ any: [ seen < 1%, also < 1% ] }", answer: prometheus() },
  ],
  [
    "nothing beside a default of 0, as in an example of Argo's",
    {
      metric: OR_ZERO,
      gate: "seen < 1%",
      answer: (query, now) => prometheus(...(query.includes("timestamp(") ? [] : ["0"]))("", now),
    },
  ],
  [
    "a share of no requests at all",
    { metric: SHARE, gate: "seen < 1%", sound: prometheus("1"), answer: prometheus("0") },
  ],
  [
    "+Inf, which is at least anything",
    { metric: RATE, gate: "seen >= 95%", sound: prometheus("1"), answer: prometheus("+Inf") },
  ],
  [
    "two series, of which some peers take the last and some the first",
    { metric: RATE, gate: "seen < 1%", answer: prometheus("0", "0") },
  ],
  [
    "a source that is gone, whose silence some peers pass by default",
    { metric: RATE, gate: "seen < 1%", answer: () => null },
  ],
];

test.each(TRAPS)("%s: not promoted, from the start and from a minute on", async (_, trap) => {
  const always = await endOf({ ...trap, sound: trap.answer });
  expect(["held", "rolled-back", "refused"]).toContain(always.kind);
  const later = await endOf(trap);
  expect(["held", "rolled-back"]).toContain(later.kind);
  // Nor is it taken for a failure of the canary: nobody could see it.
  if (later.kind === "rolled-back") expect(later.cause.kind).toBe("blind");
});

/** The same plans are promoted where there is something to see: the traps are what keeps them from it. */
test.each<[string, Trap]>([
  [
    "an InfluxDB with a value",
    {
      from: "influxdb",
      metric: INFLUX,
      gate: "seen < 1%",
      sound: influxdb(0),
      answer: influxdb(0),
    },
  ],
  ["a vector of one", { metric: RATE, gate: "seen < 1%", answer: prometheus("0") }],
  [
    "a group and a choice of what is seen",
    {
      metric: RATE,
      gate: "{ all: [ seen < 1%, { any: [ also < 1%, seen < 1% ] } ] }",
      answer: prometheus("0.001"),
    },
  ],
  [
    "a default of 0 beside series that are there",
    { metric: OR_ZERO, gate: "seen < 1%", answer: prometheus("0") },
  ],
])("%s: promoted", async (_, trap) => {
  expect(await endOf(trap)).toEqual({ kind: "promoted" });
});

async function endOf({ from, metric, gate, sound, answer }: Trap): Promise<PastEnd> {
  const start = Date.now();
  let now = start;
  const before = sound ?? prometheus("0");
  const url = await answering((query) => (now < start + 60_000 ? before : answer)(query, now));
  const folder = await folderForTest();
  process.env["CANARY_STATE_DIR"] = join(folder, "state");
  const path = join(folder, "plan.yaml");
  const connection =
    from === "influxdb"
      ? `{ type: influxdb, url: "${url}", database: app }`
      : `{ type: prometheus, url: "${url}", arms: { canary: 'v="2"', stable: 'v="1"' } }`;
  await writeFile(
    path,
    `apiVersion: canary/v1
kind: Plan
name: traps
connections: { source: ${connection} }
metrics:
  seen: { ${metric} }
  ${gate.includes("also") ? `also: { ${metric} }` : ""}
stages:
  - { name: pilot, soak: 5m, interval: 30s, gates: [ ${gate} ] }
`,
  );
  const loaded = await loadPlanFile(path, {}, { useExamples: true, sandbox: null });
  const source = present(loaded.source, JSON.stringify(loaded.diagnostics));
  const engine = await composeEngine({ evidence: folder, by: "test", observe: () => undefined });
  const until = start + 3_600_000;
  const { end } = await liveInVirtualTime(source, {
    engine,
    start,
    until,
    onAsk: (at) => (now = at),
  });
  return end;
}

async function answering(answer: (query: string) => object | null): Promise<string> {
  const server = createServer((asked, given) => {
    void text(asked).then((body) => {
      const { searchParams } = new URL(asked.url ?? "", "http://x");
      const query = new URLSearchParams(body).get("query") ?? searchParams.get("q") ?? "";
      const answered = answer(query);
      if (answered === null) given.destroy();
      else
        given.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answered));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
