import { setTimeout as sleep } from "node:timers/promises";

import { describe, expect, test } from "vitest";

import { ask, eventually, sandboxForTest } from "../support/sandbox-client.ts";

const sampleLine = /^([a-z_]+)(?:\{([^}]*)\})? (\S+)(?: (\S+))?$/;

interface Parsed {
  readonly values: Map<string, number>;
  readonly types: Map<string, string>;
  readonly stamps: string[];
}

/** Reads the text line by line; a line that is neither comment nor sample fails the test. */
function parse(text: string): Parsed {
  expect(text.endsWith("\n# EOF\n")).toBe(true);
  const parsed: Parsed = { values: new Map(), types: new Map(), stamps: [] };
  for (const line of text.trimEnd().split("\n")) {
    const type = /^# TYPE (\S+) (\S+)$/.exec(line);
    if (type !== null) parsed.types.set(type[1] ?? "", type[2] ?? "");
    if (line.startsWith("#")) continue;
    const [, name = "", labels = "", value = "", stamp] = sampleLine.exec(line) ?? [];
    expect(name, line).not.toBe("");
    const key = `${name}{${labels}}`;
    expect(parsed.values.has(key), `twice: ${key}`).toBe(false);
    parsed.values.set(key, Number(value));
    if (stamp !== undefined) parsed.stamps.push(stamp);
  }
  return parsed;
}

describe("the metrics text", () => {
  test("parses, in both formats, with all that a gate needs", async () => {
    const { url } = await sandboxForTest();
    await ask(`${url}/router`, "PUT", { canary: 50 });
    await eventually(
      () => ask(`${url}/state`),
      ({ json }) => json.served.canary > 0 && json.served.stable > 0,
    );
    const old = await ask(`${url}/metrics`);
    expect(old.type).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(parse(old.text).types.get("http_requests_total")).toBe("counter");
    const open = await ask(`${url}/metrics`, "GET", undefined, {
      headers: { accept: "application/openmetrics-text;version=1.0.0,text/plain;q=0.5" },
    });
    expect(open.type).toBe("application/openmetrics-text; version=1.0.0; charset=utf-8");
    const { values, types, stamps } = parse(open.text);
    expect(types.get("http_requests")).toBe("counter");
    expect(types.get("http_request_duration_seconds")).toBe("histogram");
    for (const version of ["stable", "canary"]) {
      const count = values.get(`http_requests_total{version="${version}",status="200"}`) ?? 0;
      expect(count).toBeGreaterThan(0);
      expect(values.get(`http_requests_total{version="${version}",status="500"}`)).toBe(0);
      const name = `http_request_duration_seconds`;
      expect(values.get(`${name}_count{version="${version}"}`)).toBe(count);
      expect(values.get(`${name}_bucket{version="${version}",le="+Inf"}`)).toBe(count);
      expect(values.get(`app_up{version="${version}"}`)).toBe(1);
    }
    expect(values.get("db_pool_size{}")).toBe(40);
    expect(values.has("db_pool_active{}")).toBe(true);
    expect(stamps).toEqual([]);
  });

  test("has buckets that never fall", async () => {
    const { url } = await sandboxForTest();
    await eventually(
      () => ask(`${url}/state`),
      ({ json }) => json.served.stable > 20,
    );
    const { values } = parse((await ask(`${url}/metrics`)).text);
    const buckets = [...values]
      .filter(([key]) => key.startsWith('http_request_duration_seconds_bucket{version="stable"'))
      .map(([, value]) => value);
    expect(buckets).toHaveLength(16);
    expect(buckets).toEqual([...buckets].toSorted((a, b) => a - b));
    expect(buckets.at(-1)).toBeGreaterThan(0);
  });
});

describe("the metrics JSON", () => {
  test("shows each version over a window", async () => {
    const { url } = await sandboxForTest();
    await ask(`${url}/router`, "PUT", { canary: 100 });
    const { json } = await eventually(
      () => ask(`${url}/metrics.json?window=5`),
      (answer) => answer.json.canary.requests > 10,
    );
    expect(json.window).toBe(5);
    expect(Math.abs(json.timestamp - Date.now() / 1000)).toBeLessThan(5);
    expect(json.canary).toMatchObject({ errors: 0, error_rate: 0, up: 1 });
    expect(json.canary.p95).toBeGreaterThan(json.canary.p50);
    expect(json.db.size).toBe(40);
  });

  test.each(["0", "61", "abc", "", "-5", "1e9"])("refuses a window of %j", async (window) => {
    const { url } = await sandboxForTest();
    const refused = await ask(`${url}/metrics.json?window=${window}`);
    expect(refused.status).toBe(400);
    expect(refused.json.error).toContain("give seconds from 1 to 60");
  });
});

describe.each(["/metrics", "/metrics.json"])("broken metrics at %s", (path) => {
  test("hang: accepted, never answered, and everything else goes on", async () => {
    const { url } = await sandboxForTest();
    await ask(`${url}/knobs`, "POST", { hangMetrics: true });
    await expect(ask(url + path, "GET", undefined, { timeoutMs: 300 })).rejects.toThrow("timeout");
    expect((await ask(`${url}/router`)).status).toBe(200);
    await ask(`${url}/knobs`, "POST", { hangMetrics: false });
    expect((await ask(url + path)).status).toBe(200);
  });

  test("a set status", async () => {
    const { url } = await sandboxForTest();
    await ask(`${url}/knobs`, "POST", { metricsStatus: 503 });
    expect((await ask(url + path)).status).toBe(503);
    await ask(`${url}/knobs`, "POST", { metricsStatus: null });
    expect((await ask(url + path)).status).toBe(200);
  });

  test.each([
    [true, /^\{"status":"error"/],
    ["error", /^\{"status":"error"/],
    ["garbage", /^<!doctype html>/],
    ["empty", /^$/],
    ["nan", /NaN/],
  ])("a lie of the kind %j is a 200 with no metrics inside", async (lieMetrics, expected) => {
    const { url } = await sandboxForTest();
    await ask(`${url}/knobs`, "POST", { lieMetrics });
    const lie = await ask(url + path);
    expect(lie.status).toBe(200);
    expect(lie.text).toMatch(expected);
    await ask(`${url}/knobs`, "POST", { lieMetrics: false });
    expect((await ask(url + path)).text).not.toMatch(expected);
  });
});

describe("stale metrics", () => {
  test("stand still, with the time at which they stopped", async () => {
    const { url } = await sandboxForTest();
    await eventually(
      () => ask(`${url}/state`),
      ({ json }) => json.served.stable > 0,
    );
    await ask(`${url}/knobs`, "POST", { staleMetrics: true });
    const first = [await ask(`${url}/metrics`), await ask(`${url}/metrics.json`)];
    const { served } = (await ask(`${url}/state`)).json;
    await eventually(
      () => ask(`${url}/state`),
      ({ json }) => json.served.stable > served.stable + 10,
    );
    expect((await ask(`${url}/metrics`)).text).toBe(first[0]?.text);
    expect((await ask(`${url}/metrics.json`)).text).toBe(first[1]?.text);
    const at = first[1]?.json.timestamp;
    const { stamps, values } = parse(first[0]?.text ?? "");
    expect(stamps).toHaveLength(values.size);
    expect(new Set(stamps)).toEqual(new Set([String(Math.round(at * 1000))]));
    await ask(`${url}/knobs`, "POST", { staleMetrics: false });
    const healed = await ask(`${url}/metrics.json`);
    expect(healed.json.timestamp).toBeGreaterThan(at);
    expect(parse((await ask(`${url}/metrics`)).text).stamps).toEqual([]);
  });
});

describe("a dead canary", () => {
  test("answers no request, but its values are still there", async () => {
    const { url } = await sandboxForTest();
    await ask(`${url}/router`, "PUT", { canary: 100 });
    await eventually(
      () => ask(`${url}/state`),
      ({ json }) => json.served.canary > 10,
    );
    await ask(`${url}/knobs`, "POST", { deadTarget: true });
    const { json: before } = await ask(`${url}/metrics.json`);
    expect((await ask(`${url}/app`)).status).toBe(502);
    expect((await ask(`${url}/canary/healthz`)).status).toBe(502);
    expect((await ask(`${url}/stable/healthz`)).status).toBe(200);
    await sleep(250);
    const { json: after } = await ask(`${url}/metrics.json`);
    expect(after.timestamp).toBeGreaterThan(before.timestamp);
    expect(after.canary).toEqual(before.canary);
    expect(after.canary).toMatchObject({ up: 0 });
    expect(after.canary.requests).toBeGreaterThan(10);
  });
});
