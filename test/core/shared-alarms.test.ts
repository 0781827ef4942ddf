import { describe, expect, it } from "vitest";

import { familyOf, isFamilyProven } from "../../src/core/claim-family.ts";
import type { Sample } from "../../src/core/sample.ts";
import { holdOf, startMachine, type Machine, type World } from "../support/machine.ts";
import { metric, MINUTE, plan, SECOND, stage } from "../support/plan-builder.ts";
import { randomFrom } from "../support/simulate.ts";

const counted = { unit: "ratio", window: 10 * SECOND, confidence: 0.95 } as const;
const cost = metric("cost", { window: 10 * SECOND, confidence: 0.95, compares: "means" });

function observing(
  metrics: readonly ReturnType<typeof metric>[],
  triggers: NonNullable<Parameters<typeof plan>[0]>["triggers"],
  gates: readonly string[] = [],
): Machine {
  const stages = [stage("pilot", 10, { gates, soak: 20 * MINUTE, within: 60 * MINUTE })];
  const machine = startMachine(plan({ metrics, stages, ...(triggers ? { triggers } : {}) }));
  machine.until(({ phase }) => phase.kind === "observing");
  return machine;
}

function firstLook(machine: Machine, world: World): void {
  machine.until(({ claims }) => Object.values(claims).length > 0, world);
  machine.run(1, world);
}

function counts(events: number, total: number): Sample {
  return { kind: "value", value: events / total, samples: total, observedAt: null };
}

describe("triggers that do the same share their false alarms", () => {
  const names = ["a", "b", "c", "d"];
  const metrics = names.map((name) => metric(name, counted));
  /** `a` has evidence of 40 where 20 are needed after one look; the others are like stable. */
  const world: World = {
    sample: (key) =>
      counts(key.includes("@stable") ? 20 : key === "a" ? 9 : 2, key.includes("@") ? 10_000 : 1000),
  };

  it("so that evidence that is enough for one is not enough for one of four", () => {
    const alone = observing(metrics, { rollback: ["a > 1.1x stable"] });
    firstLook(alone, world);
    expect(alone.state().cause?.kind).toBe("trigger");
    const four = observing(metrics, { rollback: names.map((name) => `${name} > 1.1x stable`) });
    firstLook(four, world);
    expect(four.state().cause).toBeNull();
    const [claim] = Object.values(four.state().claims);
    expect(claim?.kind === "counts" && claim.test.verdict).toBe("worse");
    // More of the same is.
    four.until(({ cause }) => cause !== null, world);
    expect(four.state().cause?.text).toMatch(/^a > 1\.1x stable: a: canary/u);
  });

  it("but not with those that do something else, and one comparison in two triggers is one", () => {
    const other = observing(metrics, {
      rollback: ["a > 1.1x stable", "a > 1.1x stable"],
      warn: ["b > 1.1x stable", "c > 1.1x stable", "d > 1.1x stable"],
    });
    firstLook(other, world);
    expect(other.state().cause?.kind).toBe("trigger");
  });

  it("by the mean of their evidence: two that are halfway there fire together", () => {
    const two = plan({
      metrics,
      stages: [stage("pilot", 10, {})],
      triggers: { rollback: ["a > 1.1x stable", "b > 1.1x stable"] },
    });
    const family = familyOf(two, "rollback");
    const claim = (e: number) =>
      ({ kind: "counts", test: { log: Math.log(e) }, clock: 0, until: 0 }) as never;
    const [first = "", second = ""] = family.members.map(({ keys }) => keys[0] ?? "");
    expect(isFamilyProven(family, { [first]: claim(20), [second]: claim(21) })).toBe(true);
    expect(isFamilyProven(family, { [first]: claim(38), [second]: claim(1) })).toBe(false);
    expect(isFamilyProven(family, { [first]: claim(38) })).toBe(false);
    expect(isFamilyProven(family, { [first]: claim(40) })).toBe(true);
    expect(isFamilyProven(family, {})).toBe(false);
  });
});

describe("a metric that counts nothing is compared by its mean", () => {
  /** Windows that swing together, with some noise of their own. */
  function swinging(ratio: number, samples: number | null = null): World {
    const random = randomFrom(4);
    return {
      sample: (key, now) => {
        const day = 2 + Math.sin(now / 60_000);
        const own = 1 + 0.05 * (random() - 0.5);
        const value = day * own * (key.includes("@stable") ? 1 : ratio);
        return { kind: "value", value, samples, observedAt: null };
      },
    };
  }

  it("rolls back what is proven more, with both means, the ratio and its interval", () => {
    const machine = observing([cost], { rollback: ["cost > 1.1x stable"] });
    machine.until(({ cause }) => cause !== null, swinging(1.3));
    expect(machine.state().cause?.text).toMatch(
      /cost: canary [\d.]+, stable [\d.]+ over \d+ windows: 1\.3x stable, at least about 1\.[12]\d*x[^;]*; proven more than 1\.1x at about 95%/u,
    );
  });

  it("is as sure as it says where values have a bound, and says how sure it is before", () => {
    const machine = observing([{ ...cost, max: 4 }], { rollback: ["cost > 1.1x stable"] });
    machine.until(({ cause }) => cause !== null, swinging(1.3));
    expect(machine.state().cause?.text).toMatch(/; proven more than 1\.1x at 95%/u);
    const told = machine.notes().flatMap((note) => (note.kind === "compared" ? [note.detail] : []));
    expect(told.at(-1)).toMatch(
      /; not settled at 95%: [\d.]+% sure so far that it is more than 1\.1x, about \d+ more windows would$/u,
    );
  });

  it("promotes what is proven less, and neither before it has seen enough windows", () => {
    const machine = observing([cost], {}, ["cost <= 1.1x stable"]);
    machine.run(3 * MINUTE, swinging(1));
    expect(machine.state().phase).toMatchObject({ soak: { worst: "warming" } });
    expect(machine.finish(swinging(1))).toEqual({ kind: "promoted" });
  });

  it("says how many windows are missing, and passes over thin ones", () => {
    const machine = observing([{ ...cost, minSamples: 50 }], { rollback: ["cost > 1.1x stable"] });
    machine.run(5 * MINUTE, swinging(1.3, 40));
    const [thin] = Object.values(machine.state().claims);
    expect(thin?.test.looks).toBe(0);
    machine.run(MINUTE, swinging(1.3, 60));
    const [claim] = Object.values(machine.state().claims);
    expect(claim?.test.looks).toBeGreaterThan(2);
    expect(machine.state().cause).toBeNull();
  });
});

describe("a metric with a split tolerance", () => {
  const rate = metric("rate", { ...counted, splitTolerance: 0.2 });
  const warn = { warn: ["rate > 5x stable"] };
  const split = (canary: number, stable: number): World => ({
    sample: (key) =>
      key.includes("@stable") ? counts(stable / 1000, stable) : counts(canary / 1000, canary),
  });

  it("holds when the canary gets far more, or less, than its stage says", () => {
    for (const [world, word] of [
      [split(3000, 7000), "more"],
      [split(200, 9800), "less"],
    ] as const) {
      const machine = observing([rate], warn);
      machine.until(({ hold }) => hold !== null, world);
      expect(holdOf(machine)).toMatchObject({ kind: "differs", clears: "person" });
      expect(holdOf(machine).why).toMatch(
        new RegExp(`gets ${word} of the traffic than it should: \\d+ of \\d+ requests`, "u"),
      );
      // A person has looked: it is counted anew, and found again.
      machine.say({ kind: "resume" });
      expect(machine.state().splits).toEqual({});
      machine.until(({ hold }) => hold !== null, world);
    }
  });

  it("goes on within the tolerance", () => {
    const machine = observing([rate], warn);
    machine.run(10 * MINUTE, split(1100, 8900));
    expect(machine.state().hold).toBeNull();
    expect(machine.state().splits["rate"]?.test.more.looks).toBeGreaterThan(20);
  });
});
