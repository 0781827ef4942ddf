import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, onTestFinished, test, type TestContext } from "vitest";

import { agedSample } from "../../../src/core/aged-sample.ts";
import type { Sample } from "../../../src/core/sample.ts";
import {
  prometheusConfig,
  prometheusDriver,
  prometheusQuery,
} from "../../../src/drivers/metrics/prometheus.ts";
import { driverContext } from "../../support/driver-context.ts";
import { freePort } from "../../support/free-port.ts";
import { freezeProcess } from "../../support/freeze-process.ts";
import { startLoopbackServer } from "../../support/loopback-server.ts";
import { present } from "../../support/present.ts";
import {
  answers,
  folderForTest,
  needProgram,
  startRealServer,
  type RealServer,
} from "../../support/real-server.ts";
import { eventually } from "../../support/sandbox-client.ts";

const BASIC = { user: "reader", password: "s3cret" };
const AUTHORIZATION = `Basic ${Buffer.from("reader:s3cret").toString("base64")}`;

interface Victoria extends RealServer {
  readonly url: string;
  readonly push: (...lines: string[]) => Promise<void>;
  /** Makes what was written visible now; by itself it takes ten seconds. */
  readonly flush: () => Promise<void>;
}

interface VictoriaOptions {
  /** What it scrapes each second. */
  readonly targets?: readonly string[];
  readonly password?: boolean;
}

/** Debian's VictoriaMetrics, behind a password unless that is left out. */
async function victoriaForTest(
  context: TestContext,
  { targets = [], password = true }: VictoriaOptions = {},
): Promise<Victoria> {
  needProgram(context, "victoria-metrics");
  const folder = await folderForTest();
  const url = `http://127.0.0.1:${await freePort()}`;
  const scrape = {
    global: { scrape_interval: "1s", scrape_timeout: "500ms" },
    scrape_configs: [{ job_name: "shop", static_configs: [{ targets }] }],
  };
  // JSON is YAML.
  await writeFile(join(folder, "scrape.yml"), JSON.stringify(scrape));
  const server = await startRealServer(
    "victoria-metrics",
    [
      `-storageDataPath=${folder}/data`,
      `-httpListenAddr=${new URL(url).host}`,
      `-promscrape.config=${folder}/scrape.yml`,
      ...(password ? ["-httpAuth.username=reader", "-httpAuth.password=s3cret"] : []),
      // Without it the newest 30 s are hidden.
      "-search.latencyOffset=0s",
      "-search.disableCache",
    ],
    { isReady: () => answers(`${url}/health`) },
  );
  const flush = async (): Promise<void> => {
    await fetch(`${url}/internal/force_flush`, { headers: { authorization: AUTHORIZATION } });
  };
  return {
    url,
    ...server,
    flush,
    async push(...lines) {
      const response = await fetch(`${url}/api/v1/import/prometheus`, {
        method: "POST",
        headers: { authorization: AUTHORIZATION },
        body: `${lines.join("\n")}\n`,
      });
      if (!response.ok) throw new Error(await response.text());
      await flush();
    },
  };
}

function sampleOf(config: object, query: object | string, timeout = 10_000): Promise<Sample> {
  const asked = typeof query === "string" ? { query } : query;
  return prometheusDriver
    .open(prometheusConfig.parse(config))
    .sample(
      prometheusQuery.parse(asked),
      60_000,
      driverContext({ signal: AbortSignal.timeout(timeout) }),
    );
}

test("values, nothing, 0/0, several, shares, refused, hanging, gone", async (context) => {
  const { url, pid, stop, push } = await victoriaForTest(context);
  const config = { url, basic: BASIC };
  const sample = (query: object | string, timeout?: number): Promise<Sample> =>
    sampleOf(config, query, timeout);
  const now = Date.now();
  const counters = Array.from({ length: 7 }, (_, index) => [
    `requests_total{version="canary",code="200"} ${index * 90} ${now - (6 - index) * 5000}`,
    `requests_total{version="canary",code="500"} ${index * 10} ${now - (6 - index) * 5000}`,
  ]);
  await push(
    ...counters.flat(),
    `pool{pod="a"} 3 ${now}`,
    `pool{pod="b"} 4 ${now}`,
    `zero 0 ${now}`,
    ...counters.flatMap((_, index) => {
      const at = now - (6 - index) * 5000;
      const known = `job="shop",instance="a"`;
      return [
        `up{${known}} 1 ${at}`,
        `reqs_total{${known},code="200"} ${index * 90} ${at}`,
        // Its first failures, of which there is no value before.
        ...(index < 5 ? [] : [`reqs_total{${known},code="500"} ${index - 2} ${at}`]),
      ];
    }),
  );
  const pool = await eventually(
    () => sample("sum(pool)"),
    ({ kind }) => kind === "value",
  );
  expect(pool).toMatchObject({ kind: "value", value: 7 });
  const share = {
    bad: 'sum(increase(requests_total{code="500"}[${window}]))',
    total: "sum(increase(requests_total[${window}]))",
  };
  const ratio = await sample(share);
  expect(ratio).toMatchObject({ kind: "value", samples: expect.any(Number) });
  expect(ratio.kind === "value" ? ratio.value : Number.NaN).toBeCloseTo(0.1);
  expect(
    await sample({ ...share, bad: 'sum(increase(requests_total{code="503"}[1m]))' }),
  ).toMatchObject({ kind: "value", value: 0 });
  // From the last point before the window on: three steps of 90, and four failures, all of which are new.
  const past = present(prometheusDriver.openPast?.(config, now));
  const counted = prometheusQuery.parse({
    bad: 'sum(increase(reqs_total{code="500"}[12s]))',
    total: "sum(increase(reqs_total[12s]))",
  });
  expect(
    await past.sample(counted, 12_000, { ...driverContext(), now: () => now + 1000 }),
  ).toMatchObject({ kind: "value", seen: { events: 4, total: 274 } });
  for (const [query, kind, why] of [
    ["no_such_metric", "noData", "no series"],
    // It leaves NaN out of its answers.
    ["sum(zero) / sum(zero)", "noData", "no series"],
    ["1 / sum(zero)", "error", "divides by zero"],
    ["pool", "error", 'differ in pod ("a", "b")'],
    ["sum(", "error", "refused the query"],
    ["pool[1m]", "error", ""],
  ] as const)
    expect([query, await sample(query)]).toMatchObject([
      query,
      { kind, why: expect.stringContaining(why) },
    ]);
  expect(await sampleOf({ url }, "sum(pool)")).toMatchObject({
    kind: "error",
    why: expect.stringContaining("credentials"),
  });

  await freezeProcess(pid);
  expect(await sample("sum(pool)", 300)).toMatchObject({ kind: "error" });
  process.kill(pid, "SIGCONT");
  await stop();
  expect(await sample("sum(pool)")).toMatchObject({
    kind: "error",
    why: expect.stringContaining("refused"),
  });
}, 30_000);

test("a target whose scrapes fail ages, though its window still answers", async (context) => {
  let count = 0;
  let up = true;
  const target = await startLoopbackServer(() => {
    count += 10;
    return up ? { status: 200, body: `requests_total ${count}\n` } : { status: 503 };
  });
  onTestFinished(() => target[Symbol.asyncDispose]());
  const { url, flush } = await victoriaForTest(context, { targets: [new URL(target.url).host] });
  const sample = async (): Promise<Sample> => {
    await flush();
    const asked = sampleOf({ url, basic: BASIC }, "sum(rate(requests_total[1m]))");
    return agedSample(await asked, 3000, Date.now());
  };
  await eventually(sample, ({ kind }) => kind === "value");
  up = false;
  // Unlike Prometheus it does not mark the end of the series.
  const stale = await eventually(sample, ({ kind }) => kind !== "value");
  expect(stale).toMatchObject({ kind: "stale", why: expect.stringMatching(/[34] s old/) });
}, 30_000);

test("a bearer token reaches it through vmauth, and a wrong one does not", async (context) => {
  const { url, push } = await victoriaForTest(context, { password: false });
  const folder = await folderForTest();
  const users = [{ bearer_token: "t0ken", url_prefix: url }];
  await writeFile(join(folder, "auth.yml"), JSON.stringify({ users }));
  const auth = `http://127.0.0.1:${await freePort()}`;
  const listen = `-httpListenAddr=${new URL(auth).host}`;
  await startRealServer("vmauth", [`-auth.config=${folder}/auth.yml`, listen], {
    isReady: () => answers(`${auth}/health`),
  });
  await push(`pool 3 ${Date.now()}`);
  const found = await eventually(
    () => sampleOf({ url: auth, bearer: "t0ken" }, "sum(pool)"),
    ({ kind }) => kind === "value",
  );
  expect(found).toMatchObject({ value: 3 });
  const wrong = await sampleOf({ url: auth, bearer: "hunter2" }, "sum(pool)");
  expect(wrong).toMatchObject({ kind: "error" });
  expect(JSON.stringify(wrong)).not.toContain("hunter2");
}, 30_000);
