import { describe, expect, it } from "vitest";

import { addTick, isSoaked, worstOf, type GateResult } from "../../src/core/soak.ts";
import type { Soak } from "../../src/core/state.ts";
import { SECOND, stage } from "../support/plan-builder.ts";

const START: Soak = {
  clock: 0,
  clockAt: 0,
  began: 0,
  waited: 0,
  green: 20 * SECOND,
  red: 0,
  lastTick: 100 * SECOND,
  lastTickAt: 100 * SECOND,
  worst: "pass",
  broken: null,
  passed: {},
};

const BOUNDS = { interval: 10 * SECOND, tolerate: 0 };

function tick(result: GateResult, parts: { mono?: number; at?: number; tolerate?: number } = {}) {
  const { mono = 110 * SECOND, at = mono, tolerate = 0 } = parts;
  return addTick(START, { gate: result }, { mono, at }, { ...BOUNDS, tolerate });
}

describe("observed time", () => {
  it.each(["pass", "warming", "waiting"] as const)("goes on with a tick that is %s", (result) => {
    expect(tick(result)).toMatchObject({ soak: { green: 30 * SECOND }, restarted: null });
  });

  it("stands still with a tick that is inconclusive", () => {
    expect(tick("inconclusive")).toMatchObject({
      soak: { green: 20 * SECOND, lastTick: 110 * SECOND },
      restarted: null,
    });
  });

  it.each(["fail", "noData", "stale", "error"] as const)("begins again with %s", (result) => {
    const { soak, restarted } = tick(result);
    expect(soak).toMatchObject({ green: 0, red: 0, clock: 0, worst: result, broken: result });
    expect(restarted).toContain(result === "fail" ? "red" : "blind");
  });

  it.each(["fail", "noData", "inconclusive"] as const)(
    "counts only between two green looks: not from one that was %s to the next",
    (result) => {
      const { soak } = tick(result);
      const first = addTick(soak, { gate: "pass" }, { mono: 120_000, at: 120_000 }, BOUNDS).soak;
      expect(first.green).toBe(soak.green);
      const next = addTick(first, { gate: "pass" }, { mono: 130_000, at: 130_000 }, BOUNDS).soak;
      expect(next.green).toBe(soak.green + 10 * SECOND);
    },
  );

  it("begins again with a red look that took no time at all", () => {
    expect(tick("fail", { mono: 100 * SECOND }).soak.green).toBe(0);
    const tolerated = tick("fail", { mono: 100 * SECOND, tolerate: SECOND });
    expect(tolerated.soak.green).toBe(20 * SECOND);
  });

  it("forgives as much red and blind time as is tolerated, in sum", () => {
    const first = tick("fail", { tolerate: 15 * SECOND });
    expect(first).toMatchObject({ soak: { green: 20 * SECOND, red: 10 * SECOND } });
    const bounds = { ...BOUNDS, tolerate: 15 * SECOND };
    const at = { mono: 120 * SECOND, at: 120 * SECOND };
    const second = addTick(first.soak, { gate: "noData" }, at, bounds);
    expect(second).toMatchObject({ soak: { green: 0, red: 0 }, restarted: "a gate was blind" });
  });

  it("begins again, clock and all, when the runner was away or the clocks disagree", () => {
    const away = tick("pass", { mono: 130 * SECOND + 1 });
    expect(away).toMatchObject({ soak: { green: 0, clock: 130 * SECOND + 1 } });
    expect(away.restarted).toContain("away");
    expect(tick("pass", { mono: 130 * SECOND }).restarted).toBeNull();
    const jumped = tick("pass", { mono: 110 * SECOND, at: 120 * SECOND + 1 });
    expect(jumped).toMatchObject({ soak: { green: 0, clock: 110 * SECOND } });
    expect(tick("pass", { mono: 110 * SECOND, at: 120 * SECOND }).restarted).toBeNull();
    expect(tick("pass", { mono: 110 * SECOND, at: 100 * SECOND - 1 }).soak.green).toBe(0);
  });
});

describe("a stage has soaked", () => {
  const gated = stage("pilot", 10, { gates: ["p95 < 1", "errors < 1"], soak: 20 * SECOND });
  const soaked = (first: GateResult, second: GateResult, green = 20 * SECOND): boolean =>
    isSoaked(gated, { ...START, green, passed: { "pilot/0": first, "pilot/1": second } });

  it("when it was green for the whole of its soak, and every gate is, or waits for its turn", () => {
    expect(soaked("pass", "pass")).toBe(true);
    expect(soaked("pass", "waiting")).toBe(true);
    expect(soaked("pass", "pass", 20 * SECOND - 1)).toBe(false);
  });

  it.each(["fail", "inconclusive", "warming", "noData", "stale", "error"] as const)(
    "never while a gate is %s",
    (result) => {
      expect(soaked("pass", result)).toBe(false);
      expect(soaked(result, "waiting")).toBe(false);
    },
  );

  it("never before every gate was judged", () => {
    expect(isSoaked(gated, { ...START, passed: { "pilot/0": "pass" } })).toBe(false);
  });
});

it("the worst of several gates decides a tick", () => {
  expect(worstOf(["pass", "warming", "inconclusive"])).toBe("inconclusive");
  expect(worstOf(["inconclusive", "error", "stale"])).toBe("error");
  expect(worstOf(["error", "fail", "noData"])).toBe("fail");
  expect(worstOf([])).toBe("pass");
});
