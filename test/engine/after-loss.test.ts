import { expect, test } from "vitest";

import type { Plan } from "../../src/core/plan.ts";
import { idle, type State } from "../../src/core/state.ts";
import { afterLoss } from "../../src/engine/after-loss.ts";
import { quickPlan } from "../support/engine-world.ts";

const { plan } = quickPlan();
const state = (changes: Partial<State>): State => ({ ...idle, share: 10, ...changes });

/** The plan with a first stage that says something of its own, and another one after it. */
function inStage(says: Plan["onRunnerLost"], all: Plan["onRunnerLost"] = "rollback"): Plan {
  const [first, ...more] = plan.stages;
  if (first === undefined) throw new Error("the plan has no stage");
  return { ...plan, onRunnerLost: all, stages: [{ ...first, onRunnerLost: says }, first, ...more] };
}

const cause = { kind: "trigger", text: "errors", by: "canary" } as const;

test.for([
  ["below 100 % it goes back", plan, state({}), "rollback"],
  ["before the first share it goes back", plan, state({ share: null }), "rollback"],
  ["at 100 % a person decides", plan, state({ share: 100 }), "hold"],
  ["the plan may ask for a person", { ...plan, onRunnerLost: "hold" }, state({}), "hold"],
  ["a stage may ask for a person", inStage("hold"), state({ stage: 0 }), "hold"],
  ["a stage may ask for none", inStage("rollback", "hold"), state({ stage: 0 }), "rollback"],
  ["what another stage says is its own", inStage("hold"), state({ stage: 1 }), "rollback"],
  ["at 100 % no stage goes back", inStage("rollback"), state({ stage: 0, share: 100 }), "hold"],
  [
    "a way back that had begun goes on, also at 100 %",
    plan,
    state({ share: 100, cause }),
    "rollback",
  ],
  [
    "a way back goes on whatever the plan says of losses",
    { ...plan, onRunnerLost: "hold" },
    state({ cause }),
    "rollback",
  ],
  ["past a point of no return a person decides", plan, state({ irreversible: true }), "hold"],
  ["what was halted stays", plan, state({ halt: true, cause }), "hold"],
] as const)("%s", ([, of, at, kind]) => {
  expect(afterLoss(of, at)).toMatchObject({ kind });
});
