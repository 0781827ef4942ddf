import { describe, expect, it } from "vitest";

import type { Sample } from "../../src/core/sample.ts";
import type { State } from "../../src/core/state.ts";
import { startMachine, type Machine, type World } from "../support/machine.ts";
import { metric, MINUTE, plan, SECOND, stage } from "../support/plan-builder.ts";

const WINDOW = 10 * SECOND;
const rate = metric("rate", {
  unit: "ratio",
  window: WINDOW,
  confidence: 0.95,
  splitTolerance: 0.2,
});

function observing(): Machine {
  const machine = startMachine(
    plan({
      metrics: [rate],
      stages: [stage("pilot", 10, { gates: ["rate <= 2x stable"], within: 10 * MINUTE })],
      triggers: { rollback: ["rate > 1.1x stable"] },
    }),
  );
  machine.until(({ phase }) => phase.kind === "observing");
  return machine;
}

type Part = Partial<Extract<Sample, { kind: "value" }>>;

/** Counts of each arm in a window of ours. */
function counting(canary: Part, stable: Part = {}): World {
  const usual = { kind: "value", value: 0.001, samples: 1000, observedAt: null } as const;
  return {
    sample: (key) =>
      key.includes("@stable") ? { ...usual, samples: 9000, ...stable } : { ...usual, ...canary },
  };
}

function counted({ claims }: State): number {
  const [total] = Object.entries(claims).flatMap(([key, { test }]) =>
    key.startsWith("trigger:") && "spread" in test ? [test.canary.total] : [],
  );
  return total ?? 0;
}

describe("what both arms counted", () => {
  it("is counted where nothing but failures make the share a digit more than 1", () => {
    const machine = observing();
    const failing = counting({ value: 1 + 2 ** -52, samples: 20 });
    machine.until(({ cause }) => cause !== null, failing);
    expect(machine.state().cause?.text).toContain("canary 20 of 20 (100%)");
  });

  it("is counted once, however often its source repeats it", () => {
    for (const arm of ["canary", "stable"] as const) {
      const machine = observing();
      const at = (ms: number): World => {
        const old = { observedAt: (machine.entries().at(-1)?.at ?? 0) + ms };
        return arm === "canary" ? counting(old) : counting({}, old);
      };
      // It tells of now, and stands still from then on.
      machine.run(WINDOW + SECOND);
      const standing = at(0);
      machine.run(MINUTE, standing);
      expect(counted(machine.state())).toBe(1000);
      expect(machine.state().splits["rate"]?.test.more.canary.events).toBe(1000);
      machine.takeOver("continue");
      machine.run(MINUTE, standing);
      expect(counted(machine.state())).toBe(1000);
      machine.run(MINUTE, at(0));
      expect(counted(machine.state())).toBe(2000);
    }
  });

  it("is not counted where it was observed before the stage", () => {
    const machine = observing();
    const before = (machine.entries().at(-1)?.at ?? 0) - MINUTE;
    machine.run(MINUTE, counting({ observedAt: before }, { observedAt: before }));
    expect(counted(machine.state())).toBe(0);
    expect(machine.state().splits).toEqual({});
  });

  it("is what was seen, where the source extrapolates", () => {
    const machine = observing();
    const seen = counting(
      { seen: { events: 3, total: 500 } },
      { seen: { events: 1, total: 6000 } },
    );
    machine.until((state) => counted(state) > 0, seen);
    expect(Object.values(machine.state().claims)[0]?.test).toMatchObject({
      canary: { events: 3, total: 500 },
      stable: { events: 1, total: 6000 },
    });
    expect(machine.state().splits["rate"]?.test.more).toMatchObject({
      canary: { events: 500 },
      stable: { events: 6000 },
    });
  });
});
