import { describe, expect, test } from "vitest";

import { advance } from "../../src/sandbox/advance.ts";
import { metricsJson } from "../../src/sandbox/metrics-json.ts";
import { renderMetrics } from "../../src/sandbox/metrics-text.ts";
import { setKnobs } from "../../src/sandbox/set-knobs.ts";
import { createWorld, type World } from "../../src/sandbox/world.ts";

const startedAt = Date.parse("2026-01-05T10:00:00Z");

function worldAfter(seconds: number, prepare: (world: World) => void = () => {}): World {
  const world = createWorld({ seed: 7, startedAt });
  prepare(world);
  run(world, seconds);
  return world;
}

/** Runs on for some seconds; the world is never more than one second behind. */
function run(world: World, seconds: number): void {
  const from = world.traffic.at;
  for (let second = 1; second <= seconds; second += 1) advance(world, from + second * 1000);
}

function split(weight: number): (world: World) => void {
  return (world) => {
    world.canaryWeight = weight;
  };
}

describe("the generated load", () => {
  test("depends on seed and time, not on how often somebody looks", () => {
    const one = worldAfter(20, split(30));
    const other = createWorld({ seed: 7, startedAt });
    other.canaryWeight = 30;
    for (let at = startedAt; at <= startedAt + 20_000; at += 37) advance(other, at);
    advance(other, startedAt + 20_000);
    expect(renderMetrics(other, "openmetrics")).toBe(renderMetrics(one, "openmetrics"));
    expect(other.logLines).toEqual(one.logLines);
    const seeded = createWorld({ seed: 8, startedAt });
    seeded.canaryWeight = 30;
    run(seeded, 20);
    expect(renderMetrics(seeded, "openmetrics")).not.toBe(renderMetrics(one, "openmetrics"));
  });

  test("is 50 requests a second, split by weight", () => {
    const { arms } = worldAfter(60, split(20)).traffic;
    expect(arms.stable.count + arms.canary.count).toBe(3000);
    expect(arms.canary.count / 3000).toBeGreaterThan(0.17);
    expect(arms.canary.count / 3000).toBeLessThan(0.23);
  });

  test.each([
    [0, 0],
    [100, 1000],
  ])("at weight %i the canary has %i of 1000", (weight, count) => {
    expect(worldAfter(20, split(weight)).traffic.arms.canary.served).toBe(count);
  });

  test("is healthy as it stands, at every share", () => {
    for (const weight of [0, 1, 50, 100]) {
      const world = worldAfter(60, split(weight));
      const { all, db } = metricsJson(world, 60_000);
      expect(all.error_rate).toBe(0);
      expect(all.p95).toBeGreaterThan(0.1);
      expect(all.p95).toBeLessThan(0.15);
      expect(db.usage).toBeLessThan(0.3);
    }
  });

  test("can be a fraction, and can be none", () => {
    const slow = worldAfter(20, (world) => setKnobs(world, { load: 0.5 }, startedAt));
    expect(slow.traffic.arms.stable.count).toBe(10);
    const none = worldAfter(20, (world) => setKnobs(world, { load: 0 }, startedAt));
    expect(metricsJson(none, 10_000).all).toEqual({
      requests: 0,
      errors: 0,
      error_rate: null,
      rps: 0,
      p50: null,
      p95: null,
      p99: null,
    });
  });

  test("a broken canary hurts in proportion to its share", () => {
    const overall = [0, 10, 50, 100].map((weight) => {
      const world = worldAfter(60, split(weight));
      setKnobs(world, { canary: { errorRate: 0.5, latencyMs: 400 } }, world.traffic.at);
      run(world, 60);
      return metricsJson(world, 60_000);
    });
    const rates = overall.map(({ all }) => all.error_rate ?? -1);
    expect(rates[0]).toBe(0);
    expect(rates[1]).toBeCloseTo(0.05, 1);
    expect(rates[2]).toBeCloseTo(0.25, 1);
    expect(rates[3]).toBeCloseTo(0.5, 1);
    expect(overall[0]?.all.p95).toBeLessThan(0.15);
    expect(overall[3]?.all.p95).toBeGreaterThan(0.5);
    expect(overall[3]?.db.usage).toBeGreaterThan(0.35);
    expect(overall[1]?.stable.error_rate).toBe(0);
  });

  test("a spike ends by itself", () => {
    const world = worldAfter(10, split(100));
    setKnobs(world, { spike: { arm: "canary", errorRate: 1, forMs: 5000 } }, world.traffic.at);
    run(world, 5);
    expect(metricsJson(world, 4000).canary.error_rate).toBe(1);
    run(world, 5);
    expect(metricsJson(world, 4000).canary.error_rate).toBe(0);
    expect(world.traffic.arms.canary.byStatus["500"]).toBe(250);
  });

  test("a dead canary shows its last window, and counts no more", () => {
    const world = worldAfter(20, split(50));
    const before = metricsJson(world, 10_000).canary;
    const count = world.traffic.arms.canary.count;
    setKnobs(world, { deadTarget: true }, world.traffic.at);
    run(world, 120);
    expect(metricsJson(world, 10_000).canary).toEqual({ ...before, up: 0 });
    expect(world.traffic.arms.canary).toMatchObject({ count, served: count });
    expect(renderMetrics(world, "openmetrics")).toContain('app_up{version="canary"} 0\n');
    expect(metricsJson(world, 10_000).stable.requests).toBeGreaterThan(200);
    setKnobs(world, { deadTarget: false }, world.traffic.at);
    run(world, 1);
    expect(world.traffic.arms.canary.count).toBeGreaterThan(count);
    expect(metricsJson(world, 10_000).canary.up).toBe(1);
  });

  test("a version without replicas gives 503 and is not up", () => {
    const world = worldAfter(10, split(100));
    world.deploys.canary = { image: "shop:1.1.0", replicas: 0 };
    run(world, 10);
    expect(world.traffic.arms.canary.byStatus).toEqual({ "200": 500, "500": 0, "503": 500 });
    expect(world.traffic.arms.canary.served).toBe(500);
    expect(metricsJson(world, 5000).canary).toMatchObject({ error_rate: 1, up: 0 });
  });

  test("goes on after a suspend and after a clock that went back", () => {
    const world = worldAfter(10);
    advance(world, startedAt + 86_400_000);
    expect(world.traffic.arms.stable.count).toBe(500);
    run(world, 1);
    expect(world.traffic.arms.stable.count).toBe(550);
    advance(world, startedAt);
    run(world, 1);
    expect(world.traffic.arms.stable.count).toBe(600);
  });

  test("remembers no more than the widest window, and no endless log", () => {
    const world = worldAfter(600);
    expect(world.traffic.arms.stable.samples.length).toBeLessThanOrEqual(3000);
    expect(world.logLines.length).toBeLessThanOrEqual(20_000);
    expect(world.logLines.at(-1)).toMatch(
      /^2026-01-05T10:10:00\.000Z INFO request path=\/checkout version=stable status=200 latency=\d+$/,
    );
  });
});
