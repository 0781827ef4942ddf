import { describe, expect, it } from "vitest";

import { startMachine } from "../support/machine.ts";
import { plan, stage } from "../support/plan-builder.ts";

const three = plan({ stages: [stage("pilot", 1), stage("half", 50), stage("full", 100)] });

describe("the way forward", () => {
  it("promotes a healthy rollout", () => {
    const machine = startMachine(three);
    expect(machine.finish()).toEqual({ kind: "promoted" });
    expect(
      machine.notes().flatMap((note) => (note.kind === "stage-passed" ? [note.stage] : [])),
    ).toEqual(["pilot", "half", "full"]);
  });
});
