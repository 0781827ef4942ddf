import { expect, test } from "vitest";

import type { Governance } from "../../src/core/governance.ts";
import type { WordContext } from "../../src/policy/authorize.ts";
import { unlockProblem } from "../../src/policy/unlock-problem.ts";
import { NOW, signed, signer } from "./support/signers.ts";

const ana = signer("ana");
const cy = signer("cy");
const governance: Governance = {
  tier: "high",
  because: [],
  people: {
    ana: { roles: ["council"], keys: [ana.line], token: null },
    cy: { roles: ["steward"], keys: [cy.line], token: null },
  },
  stop: [],
  override: null,
  resume: null,
  unlock: { council: 1, steward: 1 },
  approvalsHold: 86_400_000,
  tasks: [],
};
const context: WordContext = {
  plan: { checks: {}, governance },
  digest: "d",
  rollout: "r1",
  now: NOW,
};
const about = { digest: "d", rollout: "r1" };
const yes = [ana, cy].map((who) => signed(who, { check: "unlock" }, about));

test("a rollout is unlocked by as many of each role as the policy says, and by nobody's no", () => {
  expect(unlockProblem(yes, context)).toBeNull();
  expect(unlockProblem(yes.slice(0, 1), context)).toBe("1 more of steward");
  expect(unlockProblem([], context)).toBe("1 more of council, 1 more of steward");
  const no = signed(cy, { check: "unlock", yes: false }, about);
  expect(unlockProblem([...yes, no], context)).toBe("cy said no");
});

test("words about something else, or another rollout, do not unlock it", () => {
  const [first] = yes;
  const other = signed(cy, { check: "unlock" }, { ...about, rollout: "r2" });
  expect(
    unlockProblem(
      [first, other].flatMap((word) => word ?? []),
      context,
    ),
  ).toContain("of no use: cy signed it for the rollout r2");
  expect(unlockProblem([signed(cy, { check: "rca" }, about)], context)).toContain("council");
});

test("without such a rule anybody unlocks", () => {
  const { unlock: _unlock, ...rest } = governance;
  expect(unlockProblem([], { ...context, plan: { checks: {}, governance: rest } })).toBeNull();
  expect(unlockProblem([], { ...context, plan: { checks: {} } })).toBeNull();
});
