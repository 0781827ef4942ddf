import * as fc from "fast-check";
import { expect, it } from "vitest";

import { judgeTrigger } from "../../src/core/judge-trigger.ts";
import type { Judged } from "../../src/core/judged.ts";
import type { Plan, Trigger } from "../../src/core/plan.ts";
import type { State } from "../../src/core/state.ts";
import { playHistory } from "./random-history.ts";
import { randomPlan } from "./random-plan.ts";

const ROUGH = { faults: 30, calamities: 20, turns: 60 };
const histories = fc
  .tuple(randomPlan, fc.array(fc.nat(999_999), { maxLength: 700, size: "max" }))
  .map(([plan, picks]) => playHistory(plan, ROUGH, picks));

/** A trigger that nobody has judged yet has nothing that could be kept. */
function anew(trigger: Trigger, at: { plan: Plan; state: State; now: number }): Judged {
  return judgeTrigger({ ...trigger }, at);
}

function told({ truth, detail, since, seen }: Judged): Judged {
  return { truth, detail, since, seen };
}

it("a trigger says at every moment what it would say if it were judged for the first time", () => {
  const said = new Map<string, number>();
  for (const { plan, moments } of fc.sample(histories, { numRuns: 60, seed: 20_262 }))
    for (const { after, entry } of moments)
      for (const trigger of plan.triggers)
        // Long after its answer it is stale, and then it may hear that it is not.
        for (const later of [0, 3_600_000, 1]) {
          const at = { plan, state: after, now: entry.mono + later };
          const judged = told(judgeTrigger(trigger, at));
          said.set(judged.truth, (said.get(judged.truth) ?? 0) + 1);
          expect(judged).toEqual(told(anew(trigger, at)));
        }
  for (const truth of ["holds", "not", "stale", "error", "inconclusive"])
    expect(said.get(truth) ?? 0, truth).toBeGreaterThan(20);
});
