import { expect, test } from "vitest";

import { hasPrometheus, prometheusForTest } from "../support/sandbox-prometheus.ts";
import { BASELINE, untilShare, worldForTest } from "./support/world.ts";

const PATIENCE = 120_000;
const skip = !hasPrometheus() && process.env["CI"] === undefined;

test.skipIf(skip)(
  "a canary that fails no more often than stable is promoted, however often both fail",
  { concurrent: true, timeout: PATIENCE },
  async () => {
    const world = await worldForTest();
    await world.knobs({ stable: { errorRate: 0.2 }, canary: { errorRate: 0.2 } });
    const url = await prometheusForTest(world.sandbox.url);
    const exit = await world.start("compare.yaml", ["--set", `prometheus=${url}`]).exit;
    expect(exit.code, exit.stdout + exit.stderr).toBe(0);
    expect(exit.stdout).toMatch(/stable, .*proven no more than 3x at 95%/);
    expect((await world.state()).traffic.canary).toBe(50);
  },
);

test.skipIf(skip)(
  "one that fails far more often is rolled back with both rates and how sure that is",
  { concurrent: true, timeout: PATIENCE },
  async () => {
    const world = await worldForTest();
    await world.knobs({ stable: { errorRate: 0.05 }, canary: { errorRate: 0.05 } });
    const url = await prometheusForTest(world.sandbox.url);
    const start = world.start("compare.yaml", ["--set", `prometheus=${url}`]);
    await untilShare(world, 20);
    await world.knobs({ stable: { errorRate: 0.05 }, canary: { errorRate: 0.6 } });
    const exit = await start.exit;
    expect(exit.code, exit.stdout + exit.stderr).toBe(30);
    expect(exit.stdout).toMatch(
      /canary \d+ of \d+ \([\d.]+%\), stable \d+ of \d+ \([\d.]+%\): [^:]*stable, at least [\d.]+x[^;]*; proven more than 1\.2x at 95%/,
    );
    expect((await world.state()).traffic).toEqual(BASELINE.traffic);
  },
);
