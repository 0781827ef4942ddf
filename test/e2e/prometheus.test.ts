import { expect, test } from "vitest";

import { ask, eventually } from "../support/sandbox-client.ts";
import { hasPrometheus, prometheusForTest } from "../support/sandbox-prometheus.ts";
import { BASELINE, untilShare, worldForTest } from "./support/world.ts";

const PATIENCE = 120_000;
const skip = !hasPrometheus() && process.env["CI"] === undefined;

test.skipIf(skip)(
  "PromQL gates promote a healthy rollout",
  { concurrent: true, timeout: PATIENCE },
  async () => {
    const world = await worldForTest();
    await ask(`${world.sandbox.url}/router`, "PUT", { canary: 0 });
    const url = await prometheusForTest(world.sandbox.url);
    const exit = await world.start("promql.yaml", ["--set", `prometheus=${url}`]).exit;
    expect(exit.code, exit.stdout + exit.stderr).toBe(0);
    expect((await world.state()).traffic.canary).toBe(100);
  },
);

test.skipIf(skip)(
  "PromQL triggers roll a failing one back",
  { concurrent: true, timeout: PATIENCE },
  async () => {
    const world = await worldForTest();
    const url = await prometheusForTest(world.sandbox.url);
    const start = world.start("promql.yaml", ["--set", `prometheus=${url}`]);
    await untilShare(world, 20);
    await world.knobs({ canary: { errorRate: 0.7 } });
    const exit = await start.exit;
    expect(exit.code, exit.stdout + exit.stderr).toBe(30);
    expect((await world.state()).traffic).toEqual(BASELINE.traffic);
  },
);

test.skipIf(skip)(
  "a Prometheus whose scrapes hang holds, says so, and rolls back after maxBlind",
  { concurrent: true, timeout: PATIENCE },
  async () => {
    const world = await worldForTest();
    const url = await prometheusForTest(world.sandbox.url);
    const start = world.start("promql.yaml", ["--set", `prometheus=${url}`]);
    await untilShare(world, 20);
    await world.knobs({ hangMetrics: true });
    await eventually(
      async () => start.stdout() + start.stderr(),
      (text) => /held/i.test(text),
    );
    const healed = world.healWhenBack();
    const exit = await start.exit;
    expect(exit.code, exit.stdout + exit.stderr).toBe(30);
    await healed;
    expect((await world.state()).traffic).toEqual(BASELINE.traffic);
  },
);
