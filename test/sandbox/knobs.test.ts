import { describe, expect, test } from "vitest";

import { defaultKnobs } from "../../src/sandbox/knobs.ts";
import { knobNames } from "../../src/sandbox/merge-knobs.ts";
import { ask, eventually, sandboxForTest } from "../support/sandbox-client.ts";

describe("the knobs", () => {
  test("start healthy, merge by field, and heal", async () => {
    const { url } = await sandboxForTest();
    expect((await ask(`${url}/knobs`)).json).toEqual(defaultKnobs());
    await ask(`${url}/knobs`, "POST", { canary: { errorRate: 0.2 }, load: 80 });
    const merged = await ask(`${url}/knobs`, "POST", { canary: { latencyMs: 400 } });
    const expected = { ...defaultKnobs(), canary: { errorRate: 0.2, latencyMs: 400 }, load: 80 };
    expect(merged.json).toEqual(expected);
    expect((await ask(`${url}/knobs`)).json).toEqual(expected);
    expect((await ask(`${url}/knobs`, "POST", { canary: null })).json).toEqual({
      ...defaultKnobs(),
      load: 80,
    });
    expect((await ask(`${url}/knobs`, "DELETE")).json).toEqual(defaultKnobs());
  });

  test("refuse an unknown one, and name the known ones", async () => {
    const { url } = await sandboxForTest();
    const { status, json } = await ask(`${url}/knobs`, "POST", { load: 10, errorrate: 1 });
    expect(status).toBe(400);
    expect(json.error).toBe(`unknown knob "errorrate": known are ${knobNames.join(", ")}`);
    expect((await ask(`${url}/knobs`)).json.load).toBe(50);
  });

  test.each([
    [{ canary: { errorRate: 1.5 } }, "canary.errorRate is 1.5: give a number from 0 to 1"],
    [{ stable: { latencyMs: -1 } }, "stable.latencyMs is -1: give a number from 0 to 60000"],
    [
      { canary: { rate: 1 } },
      'unknown knob "canary.rate": known are canary.errorRate, canary.latencyMs',
    ],
    [{ canary: 1 }, "canary is 1: give an object"],
    [{ load: 5000 }, "load is 5000: give a number from 0 to 1000"],
    [{ load: "50" }, 'load is "50": give a number from 0 to 1000'],
    [{ deadTarget: "yes" }, 'deadTarget is "yes": give true or false'],
    [{ metricsStatus: 200 }, "metricsStatus is 200: give a status from 400 to 599, or null"],
    [
      { lieMetrics: "white" },
      'lieMetrics is "white": give false or "error" or "garbage" or "empty" or "nan"',
    ],
    [{ hangRouter: "after" }, 'hangRouter is "after": give true or false or "applied"'],
    [{ slowWritesMs: -1 }, "slowWritesMs is -1: give a number from 0 to 600000"],
    [{ spike: { arm: "green", errorRate: 1, forMs: 10 } }, 'spike.arm is "green"'],
    [{ spike: { arm: "canary", forMs: 10 } }, "spike changes nothing"],
    [{ spike: { arm: "canary", errorRate: 1 } }, "spike.forMs is missing"],
    [{ spike: { arm: "canary", errorRate: 1, forMs: 10, until: 1 } }, 'unknown knob "spike.until"'],
    [{ __proto__x: 1 }, 'unknown knob "__proto__x"'],
    [{ constructor: 1 }, 'unknown knob "constructor"'],
    ["load", 'the body is "load": give an object'],
    [null, "the body is null: give an object"],
    [undefined, "the body is missing: give an object"],
  ])("refuse %j", async (body, message) => {
    const { url } = await sandboxForTest();
    const { status, json } = await ask(`${url}/knobs`, "POST", body);
    expect(status).toBe(400);
    expect(json.error).toContain(message);
    expect((await ask(`${url}/knobs`)).json).toEqual(defaultKnobs());
  });
});

describe.each([
  ["Router", "/router", { canary: 10 }, "router"],
  ["Flags", "/flags/new-checkout", { enabled: true, percentage: 10 }, "flags"],
  ["Deploy", "/deploy/canary", { image: "shop:2.0.0", replicas: 10 }, "deploy"],
] as const)("a broken %s", (name, path, change, area) => {
  test("hangs on reads and writes, and writes nothing", async () => {
    const { url } = await sandboxForTest();
    await ask(`${url}/knobs`, "POST", { [`hang${name}`]: true });
    const cut = { timeoutMs: 300 };
    await expect(ask(url + path, "PUT", change, cut)).rejects.toThrow("timeout");
    await expect(ask(url + path, "GET", undefined, cut)).rejects.toThrow("timeout");
    expect((await ask(`${url}/state`)).json.writes).toEqual([]);
    await ask(`${url}/knobs`, "POST", { [`hang${name}`]: false });
    expect((await ask(url + path, "PUT", change)).status).toBe(200);
  });

  test("can take the write and never say so", async () => {
    const { url } = await sandboxForTest();
    await ask(`${url}/knobs`, "POST", { [`hang${name}`]: "applied" });
    await expect(ask(url + path, "PUT", change, { timeoutMs: 300 })).rejects.toThrow("timeout");
    expect((await ask(`${url}/state`)).json.writes).toHaveLength(1);
    await ask(`${url}/knobs`, "POST", { [`hang${name}`]: null });
    expect((await ask(url + path)).json).toMatchObject(change);
  });

  test("answers a set status and writes nothing", async () => {
    const { url } = await sandboxForTest();
    await ask(`${url}/knobs`, "POST", { [`${area}Status`]: 500 });
    expect((await ask(url + path, "PUT", change)).status).toBe(500);
    expect((await ask(url + path)).status).toBe(500);
    expect((await ask(`${url}/state`)).json.writes).toEqual([]);
  });

  test("ignores a write that it says it took", async () => {
    const { url } = await sandboxForTest();
    const before = (await ask(url + path)).json;
    await ask(`${url}/knobs`, "POST", { ignoreWrites: true });
    const put = await ask(url + path, "PUT", change);
    expect(put.status).toBe(200);
    expect(put.json).toMatchObject(change);
    expect((await ask(url + path)).json).toEqual(before);
    expect((await ask(`${url}/state`)).json.writes).toEqual([]);
  });

  test("takes a slow write late, although its sender has gone and a newer one came first", async () => {
    const { url } = await sandboxForTest();
    const before = (await ask(url + path)).json;
    await ask(`${url}/knobs`, "POST", { slowWritesMs: 1500 });
    const late = { headers: { "x-canary-epoch": "1" }, timeoutMs: 200 };
    await expect(ask(url + path, "PUT", change, late)).rejects.toThrow("timeout");
    expect((await ask(url + path)).json).toEqual(before);
    await ask(`${url}/knobs`, "POST", { slowWritesMs: 0 });
    const { key: _key, stable: _stable, ...undo } = before;
    await ask(url + path, "PUT", undo, { headers: { "x-canary-epoch": "2" } });
    const { json } = await eventually(
      () => ask(`${url}/state`),
      (answer) => answer.json.writes.length === 2,
    );
    expect(json.writes.map((write: { epoch: number }) => write.epoch)).toEqual([2, 1]);
    expect((await ask(url + path)).json).toMatchObject(change);
  });
});

test("a flag that was ignored is still absent", async () => {
  const { url } = await sandboxForTest();
  await ask(`${url}/knobs`, "POST", { ignoreWrites: true });
  expect((await ask(`${url}/flags/dark-mode`, "PUT", { enabled: true })).status).toBe(200);
  expect((await ask(`${url}/flags/dark-mode`)).status).toBe(404);
  expect((await ask(`${url}/flags/new-checkout`, "DELETE")).status).toBe(204);
  expect((await ask(`${url}/flags/new-checkout`)).status).toBe(200);
});

describe("the service under its knobs", () => {
  test("fails and is slow where it was told to", async () => {
    const { url } = await sandboxForTest();
    await ask(`${url}/knobs`, "POST", { canary: { errorRate: 1, latencyMs: 300 }, load: 0 });
    const began = performance.now();
    const sick = await ask(`${url}/canary/healthz`);
    expect(performance.now() - began).toBeGreaterThan(130);
    expect(sick).toMatchObject({ status: 500, json: { status: "failing", arm: "canary" } });
    expect((await ask(`${url}/stable/healthz`)).json.status).toBe("ok");
    expect((await ask(`${url}/app/healthz`)).json.arm).toBe("stable");
    await ask(`${url}/router`, "PUT", { canary: 100 });
    expect((await ask(`${url}/app/healthz`)).status).toBe(500);
    // Probes are no traffic, requests are.
    expect((await ask(`${url}/state`)).json.served).toEqual({ stable: 0, canary: 0 });
    expect((await ask(`${url}/app`)).status).toBe(500);
    expect((await ask(`${url}/state`)).json.served).toEqual({ stable: 0, canary: 1 });
  });

  test("a spike breaks it for a while", async () => {
    const { url } = await sandboxForTest();
    await ask(`${url}/knobs`, "POST", { spike: { arm: "canary", errorRate: 1, forMs: 2000 } });
    expect((await ask(`${url}/canary/healthz`)).status).toBe(500);
    await eventually(
      () => ask(`${url}/canary/healthz`),
      ({ status }) => status === 200,
    );
  });

  test("load 0 is silence, and more load is more", async () => {
    const { url } = await sandboxForTest();
    await ask(`${url}/knobs`, "POST", { load: 0 });
    const { served } = (await ask(`${url}/state`)).json;
    await ask(`${url}/router`);
    expect((await ask(`${url}/state`)).json.served).toEqual(served);
    await ask(`${url}/knobs`, "POST", { load: 1000 });
    await eventually(
      () => ask(`${url}/state`),
      ({ json }) => json.served.stable > served.stable + 300,
    );
  });
});
