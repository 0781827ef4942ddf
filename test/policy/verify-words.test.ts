import { expect, test } from "vitest";

import type { Word } from "../../src/core/event.ts";
import type { Governance } from "../../src/core/governance.ts";
import { parseAllowedSigners } from "../../src/evidence/allowed-signers.ts";
import { digestPlan } from "../../src/plan/digest.ts";
import { authorize } from "../../src/policy/authorize.ts";
import { verifyWords, type WordsOfRollout } from "../../src/policy/verify-words.ts";
import { plan } from "../support/plan-builder.ts";
import { NOW, signed, signer } from "./support/signers.ts";

const ana = signer("ana");
const governance: Governance = {
  tier: "high",
  because: [],
  people: { ana: { roles: ["council"], keys: [ana.line], token: null } },
  stop: [],
  override: null,
  resume: null,
  approvalsHold: 86_400_000,
  tasks: [],
};
const made = { ...plan(), governance };
const digest = digestPlan(made);
const about = { digest, rollout: "r1" };
const good = authorize(signed(ana, { check: "go" }, about), {
  plan: made,
  digest,
  rollout: "r1",
  now: NOW,
});

function verify(word: Word, more: Partial<WordsOfRollout> = {}): ReturnType<typeof verifyWords> {
  const entries = [{ at: NOW, event: { kind: "word-received", word } as const }];
  return verifyWords({ plan: made, digest, rollout: "r1", entries, ...more });
}

test("a word that counted is checked again, at the time when it was taken", () => {
  expect(verify(good)).toEqual({ problems: [], signed: ["ana: confirm go"] });
});

test.for([
  ["somebody says so who signed nothing", { ...good, proof: undefined }],
  ["its answer was turned", { ...good, yes: false }],
  ["it got another role", { ...good, authority: { person: "ana", roles: ["steward"] } }],
  ["it is said to count for nobody", { ...good, authority: undefined }],
] as const)("%s: it is found out", ([, changed]) => {
  const word = Object.fromEntries(
    Object.entries(changed).filter(([, value]) => value !== undefined),
  ) as unknown as Word;
  expect(verify(word).problems).toHaveLength(1);
});

test("words about another plan or another rollout are found out", () => {
  const other = { digest: "e".repeat(64) };
  expect(verify(good, other).problems[0]).toContain("a changed plan needs a new word");
  expect(verify(good, { rollout: "r2" }).problems[0]).toContain("for the rollout r1");
});

test("a word that counted for nobody, and a rollout without a policy, are no problem", () => {
  const { proof: _proof, authority: _authority, ...bare } = good;
  expect(verify(bare)).toEqual({ problems: [], signed: [] });
  expect(verify(good, { plan: plan() })).toEqual({ problems: [], signed: [] });
});

test("a list of signers decides whose key is whose, whatever the policy in the evidence says", () => {
  const list = (line: string): Partial<WordsOfRollout> => ({
    signers: parseAllowedSigners(line).signers,
  });
  expect(verify(good, list(`ana ${ana.line}`)).signed).toEqual(["ana: confirm go"]);
  for (const line of ["", `bo ${ana.line}`, `ana ${signer("eve").line}`])
    expect(verify(good, list(line)).problems[0]).toContain("a key that is not allowed for ana");
});
