import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { folderForTest, runCanary } from "../e2e/support/run-canary.ts";

const PLAN = `apiVersion: canary/v1
kind: Plan
name: shop
about: { tier: high }
connections: { app: { type: http, url: "http://127.0.0.1:9" } }
checks:
  up: { http: "http://127.0.0.1:9/healthz", interval: 1s }
  happy: { confirm: users are happy, by: steward }
preflight: [up]
stages:
  - { name: all, soak: 10s, gates: [up passes, happy confirmed] }
rollback: { verify: { checks: [up], within: 1m } }
`;

const key = (of: string): string => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${of.repeat(43)}`;

function policy(tier: string): string {
  return `apiVersion: canary/v1
kind: Policy
people:
  ana: { key: "${key("A")}", roles: [council] }
  bo: { key: "${key("B")}", roles: [council, steward] }
stop: [council]
tiers: { high: { checks: [ci], approvals: { council: 2 }${tier} } }
checks: { ci: { run: [./passed, ci] } }
freeze: [{ name: for good, from: 2020-01-01, to: 2100-01-01 }]
tasks: { rca: { task: root cause analysis, by: steward, within: 24h } }
`;
}

function written(tier: string): string {
  const folder = folderForTest();
  writeFileSync(join(folder, "shop.yaml"), PLAN);
  writeFileSync(join(folder, "rules.yaml"), policy(tier));
  return folder;
}

function run(folder: string, ...args: readonly string[]) {
  return runCanary(folder, [...args, "--policy", "rules.yaml"], { cwd: folder });
}

test("plan shows what the policy asks for, from whom, and what stands in the way", async () => {
  const folder = written(", soak: 10m");
  const { code, stdout, stderr } = await run(folder, "plan", "shop.yaml");
  expect(code, stderr).toBe(0);
  for (const text of [
    "tier     high: the plan says so",
    "word     approval-council, before the start: approve this rollout: 2 of council (ana, bo)",
    "canary confirm approval-council --plan shop.yaml --policy rules.yaml",
    "word     happy, at the end of all: users are happy: 1 of steward (bo)",
    "freeze   for good (until 2100-01-01T00:00:00.000Z): nothing starts before its end",
    "NOT SO   soak: ",
    "owed     rca after a rollback: root cause analysis, by steward, within 1d",
    "./passed ci",
  ])
    expect(stdout).toContain(text);
  const json = await run(folder, "plan", "shop.yaml", "--json");
  expect(JSON.parse(json.stdout)).toMatchObject({
    policy: {
      tier: "high",
      asked: [
        { name: "approval-council", role: "council", count: 2, people: ["ana", "bo"], given: [] },
        { name: "happy", when: "at the end of all", people: ["bo"] },
      ],
    },
  });
});

test("rehearse plays the words of as many people as are asked for, also while a freeze is in force", async () => {
  const { code, stdout } = await run(written(""), "rehearse", "shop.yaml", "--output", "plain");
  expect(code, stdout).toBe(0);
  for (const text of [
    "2 of council (ana, bo)",
    "freeze   for good",
    "ana says yes to approval-council",
    "ana has said yes to confirm approval-council: 1 more needed",
    "bo says yes to approval-council",
    "bo says yes to happy",
    "promoted",
  ])
    expect(stdout).toContain(text);
});

test("rehearse is refused with 22 where nobody's word could let the plan start", async () => {
  const folder = written(", soak: 10m");
  const { code, stdout, stderr } = await run(folder, "rehearse", "shop.yaml");
  expect(code).toBe(22);
  expect(stderr).toContain("NOT SO   soak: ");
  expect(stdout).not.toContain("promoted");
  writeFileSync(join(folder, "rules.yaml"), "people: 1\n");
  for (const verb of ["plan", "rehearse"])
    expect((await run(folder, verb, "shop.yaml")).code).toBe(2);
});

test("a rehearsal goes no further than a no of one of them", async () => {
  const folder = written("");
  writeFileSync(
    join(folder, "no.yaml"),
    "apiVersion: canary/v1\nkind: Scenario\nwords: [{ after: 0s, confirm: happy, yes: false }]\n",
  );
  const { code, stdout } = await run(folder, "rehearse", "shop.yaml", "--scenario", "no.yaml");
  expect(code, stdout).toBe(30);
});
