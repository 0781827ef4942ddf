import { describe, expect, test } from "vitest";

import type { End } from "../../src/core/ending.ts";
import type { Event } from "../../src/core/event.ts";
import type { Governance } from "../../src/core/governance.ts";
import type { Cause } from "../../src/core/state.ts";
import { isOutsider, owedTasks, type TaskContext } from "../../src/policy/owed-tasks.ts";
import { plan } from "../support/plan-builder.ts";
import { NOW, signed, signer } from "./support/signers.ts";

const ana = signer("ana");
const cy = signer("cy");
const DAY = 86_400_000;

const governance: Governance = {
  tier: "high",
  because: [],
  people: {
    ana: { roles: ["council"], keys: [ana.line], token: null },
    cy: { roles: ["steward"], keys: [cy.line], token: null },
  },
  stop: ["council"],
  override: null,
  resume: null,
  approvalsHold: DAY,
  tasks: [
    { name: "rca", text: "root cause analysis", by: "steward", within: DAY },
    { name: "told", text: "the team knows", by: null, within: 2 * DAY },
  ],
};

function claimed(parts: {
  end?: End;
  cause?: Cause;
}): Pick<TaskContext["entries"][number], "event"> {
  const event: Event = {
    kind: "claimed",
    rollout: "r1",
    plan: "test",
    digest: "d",
    mode: "rollback",
    cause: null,
    by: "x",
    owner: { host: "h", pid: 1, startTime: "0", bootId: "b" },
    end: null,
    ...parts,
  };
  return { event };
}

const back: End = { kind: "rolled-back", by: "machine" };

function owed(
  parts: readonly Parameters<typeof claimed>[0][],
  more: Partial<TaskContext> = {},
): ReturnType<typeof owedTasks> {
  return owedTasks({
    plan: { ...plan(), governance },
    digest: "d",
    rollout: "r1",
    entries: parts.map((part, index) => ({ at: NOW + index, ...claimed(part) })),
    words: [],
    ...more,
  });
}

describe("after a rollback", () => {
  test("the policy's tasks are owed, counted from its end", () => {
    expect(owed([{}, { end: back }])).toMatchObject([
      { name: "rca", by: "steward", due: NOW + 1 + DAY, done: null },
      { name: "told", by: null, due: NOW + 1 + 2 * DAY, done: null },
    ]);
  });

  test("also where it failed, and not after any other end", () => {
    const failed: End = { kind: "rollback-failed", certain: true, why: "" };
    expect(owed([{ end: failed }])).toHaveLength(2);
    expect(owed([{ end: { kind: "promoted" } }])).toEqual([]);
    expect(owed([{ end: { kind: "refused", problems: [], locked: false } }])).toEqual([]);
    expect(owed([{}])).toEqual([]);
  });

  test("a task is done by the signed word of its role, also long after", () => {
    const word = signed(
      cy,
      { check: "rca", reason: "wiki/12" },
      { digest: "d", rollout: "r1", at: NOW + 5 * DAY, expires: NOW + 6 * DAY },
    );
    const [rca, told] = owed([{ end: back }], { words: [word] });
    expect(rca?.done).toEqual({ by: "cy", at: NOW + 5 * DAY, reason: "wiki/12" });
    expect(told?.done).toBeNull();
  });

  test.for([
    ["another role", signed(ana, { check: "rca" }, { digest: "d", rollout: "r1" }), "not steward"],
    ["another rollout", signed(cy, { check: "rca" }, { digest: "d", rollout: "r2" }), "r2"],
    ["a no", signed(cy, { check: "rca", yes: false }, { digest: "d", rollout: "r1" }), null],
    [
      "nobody",
      { ...signed(cy, { check: "rca" }, { digest: "d", rollout: "r1" }), reason: "else" },
      "it was changed",
    ],
  ] as const)("the word of %s does not do it", ([, word, why]) => {
    const [rca] = owed([{ end: back }], { words: [word] });
    expect(rca?.done).toBeNull();
    expect(rca?.refused).toEqual(why === null ? [] : [expect.stringContaining(why)]);
  });
});

describe("a broken glass", () => {
  const abort = (by: string, flagged = false): Cause => ({
    kind: "abort",
    text: "it burns",
    by,
    ...(flagged ? { breakGlass: true } : {}),
  });

  test.for([
    ["eve", false, true],
    ["cy", false, true],
    ["ana", false, false],
    ["@ana", false, false],
    ["ana@laptop", false, false],
    ["@evil", false, true],
    ["ana", true, true],
  ] as const)("an abort by %s (said: %s) leaves a look at it: %s", ([by, flagged, leaves]) => {
    const names = owed([{ cause: abort(by, flagged) }]).map(({ name }) => name);
    expect(names).toEqual(leaves ? ["break-glass"] : []);
  });

  test("is looked at by somebody else, within a day of the abort", () => {
    const about = { digest: "d", rollout: "r1" };
    const own = signed(ana, { check: "break-glass" }, about);
    const parts = [{ cause: abort("ana", true) }];
    const [task] = owed(parts, { words: [own] });
    expect(task).toMatchObject({ due: NOW + DAY, done: null, notBy: "ana" });
    expect(task?.refused).toEqual(["ana cannot look at what ana did"]);
    const other = signed(cy, { check: "break-glass" }, about);
    expect(owed(parts, { words: [own, other] })[0]?.done?.by).toBe("cy");
  });

  test("without a policy nobody is an outsider, and only who says so breaks it", () => {
    const open = { plan: plan() };
    expect(isOutsider(open.plan, "eve")).toBe(false);
    expect(owed([{ cause: abort("eve") }], open)).toEqual([]);
    expect(owed([{ cause: abort("eve", true) }], open)).toHaveLength(1);
  });
});
