import { expect, test } from "vitest";

import type { Word } from "../../src/core/event.ts";
import type { Governance } from "../../src/core/governance.ts";
import { authorize, type WordContext } from "../../src/policy/authorize.ts";
import { check } from "../support/plan-builder.ts";
import { NOW, signed, signer } from "./support/signers.ts";

const ana = signer("ana");
const bo = signer("bo");
const stranger = signer("ana");

const governance: Governance = {
  tier: "high",
  because: [],
  people: {
    ana: { roles: ["council"], keys: [`${ana.line} ana@laptop`], token: null },
    bo: { roles: ["steward"], keys: [signer("bo").line, bo.line], token: null },
  },
  stop: [],
  override: null,
  resume: null,
  approvalsHold: 7 * 86_400_000,
  tasks: [],
};
const short = check("audit", {
  driver: "confirm",
  input: { question: "audit", by: null, count: 1, valid: 3_600_000 },
});
const context: WordContext = {
  plan: { checks: { audit: short }, governance },
  digest: "d".repeat(64),
  rollout: null,
  now: NOW,
};
const about = { digest: context.digest };

test("a word signed by a key of the policy is that person's, with their roles", () => {
  expect(authorize(signed(ana, {}, about), context).authority).toEqual({
    person: "ana",
    roles: ["council"],
  });
  expect(authorize(signed(bo, {}, about), context).authority?.roles).toEqual(["steward"]);
});

test("what a sender says of their own authority is dropped", () => {
  const word = signed(ana, {}, about);
  const { proof: _proof, ...bare } = word;
  const lie: Word = { ...bare, authority: { person: "ana", roles: ["council"] } };
  expect(authorize(lie, context).authority).toBeUndefined();
  expect(authorize({ ...word, unproven: "x" }, context).unproven).toBeUndefined();
});

test("without a policy a word stays as it is", () => {
  const word = signed(ana, {}, about);
  const open = { ...context, plan: { checks: {} } };
  expect(authorize(word, open)).toEqual(word);
});

test.for([
  ["another plan", signed(ana, {}, { digest: "e".repeat(64) }), "a changed plan needs a new word"],
  ["a key nobody knows", signed(stranger, {}, about), "a key that the policy does not know"],
  ["another's name", signed(ana, { by: "bo" }, about), "says bo, and is signed by ana"],
  ["another rollout", signed(ana, {}, { ...about, rollout: "r1" }), "for the rollout r1"],
  ["time over", signed(ana, {}, { ...about, expires: NOW - 1 }), "which is over"],
  ["time to come", signed(ana, {}, { ...about, at: NOW + 600_000 }), "which is yet to come"],
  ["too old", signed(ana, {}, { ...about, at: NOW - 8 * 86_400_000 }), "it holds for 7d"],
  [
    "too old for this one",
    signed(ana, { check: "audit" }, { ...about, at: NOW - 7_200_000 }),
    "it holds for 1h",
  ],
] as const)("%s: the word counts for nobody, and says why", ([, word, why]) => {
  const judged = authorize(word, context);
  expect(judged.authority).toBeUndefined();
  expect(judged.unproven).toContain(why);
});

test.for([
  ["yes", { yes: false }],
  ["its reason", { reason: "looks bad" }],
  ["what it confirms", { check: "approval-steward" }],
  ["its kind", { kind: "override" }],
  ["its stage", { stage: "pilot" }],
  ["its hold", { hold: "h1.1" }],
] as const)("a word whose %s was changed after it was signed counts for nobody", ([, changed]) => {
  const judged = authorize({ ...signed(ana, {}, about), ...changed }, context);
  expect(judged.authority).toBeUndefined();
  expect(judged.unproven).toContain("it was changed");
});

test("a later time or another plan cannot be written over what was signed", () => {
  const word = signed(ana, {}, { digest: "e".repeat(64), expires: NOW - 1 });
  const { proof } = word;
  if (proof === undefined) throw new Error("not signed");
  const forged = { ...proof, digest: context.digest, expires: new Date(NOW + 1000).toISOString() };
  expect(authorize({ ...word, proof: forged }, context).unproven).toContain("it was changed");
});

test.for(["", "x", "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n"])(
  "%j is no signature",
  (signature) => {
    const word = signed(ana, {}, about);
    const { proof } = word;
    if (proof === undefined) throw new Error("not signed");
    const judged = authorize({ ...word, proof: { ...proof, signature } }, context);
    expect(judged.authority).toBeUndefined();
    expect(judged.unproven).toContain("no SSH signature");
  },
);

test("in a rollout, only a confirmation may have been signed before it", () => {
  const running = { ...context, rollout: "r1" };
  expect(authorize(signed(ana, {}, about), running).authority?.person).toBe("ana");
  const here = { ...about, rollout: "r1" };
  expect(authorize(signed(ana, { kind: "resume" }, here), running).authority?.person).toBe("ana");
  const early = authorize(signed(ana, { kind: "resume" }, about), running);
  expect(early.unproven).toContain("signed a resume for no rollout");
});
