import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { folderForTest, runCanary } from "../e2e/support/run-canary.ts";

const PLAN = `apiVersion: canary/v1
kind: Plan
name: shop
about: { tier: low }
connections: { app: { type: http, url: "http://127.0.0.1:9" } }
checks: { up: { http: "http://127.0.0.1:9/healthz", interval: 1s } }
stages:
  - { name: all, soak: 10s, gates: [up passes] }
rollback: { verify: { checks: [up], within: 1m } }
`;

/** A policy of two tiers, where payments are of the high one, and whoever has this key is the council. */
function policy(key: string, high = 1): string {
  return `apiVersion: canary/v1
kind: Policy
people:
  ana: { key: "${key}", roles: [council] }
tiers:
  low: {}
  high: { approvals: { council: ${high} } }
paths: { src/payments/**: { tier: high } }
`;
}

const KEY = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${"A".repeat(43)}`;

function git(folder: string, ...args: readonly string[]): void {
  const who = ["-c", "user.name=t", "-c", "user.email=t@example.com"];
  execFileSync("git", ["-C", folder, ...who, ...args], { stdio: "ignore" });
}

/** A repository, and a clone of it in which somebody works. */
function clone(text: string): { readonly folder: string; readonly work: string } {
  const folder = folderForTest();
  const origin = join(folder, "origin");
  mkdirSync(join(origin, "src/payments"), { recursive: true });
  git(folder, "init", "-q", "-b", "main", origin);
  writeFileSync(join(origin, "canary.policy.yaml"), text);
  writeFileSync(join(origin, "src/payments/charge.ts"), "1");
  writeFileSync(join(origin, "shop.yaml"), PLAN);
  git(origin, "add", ".");
  git(origin, "commit", "-q", "-m", "x");
  git(folder, "clone", "-q", origin, "work");
  return { folder, work: join(folder, "work") };
}

async function asked(folder: string, cwd: string, ...more: readonly string[]): Promise<string> {
  const { stdout, stderr } = await runCanary(folder, ["confirm", "--plan", "shop.yaml", ...more], {
    cwd,
  });
  return stdout + stderr;
}

test("a policy is linted like a plan: every problem at its place, with what to write instead", async () => {
  const folder = folderForTest();
  writeFileSync(join(folder, "good.yaml"), policy(KEY));
  writeFileSync(join(folder, "bad.yaml"), policy(KEY).replace("tier: high", "tier: hihg"));
  const good = await runCanary(folder, ["lint", "good.yaml"]);
  expect([good.code, good.stdout]).toEqual([0, "good.yaml: no problems\n"]);
  const bad = await runCanary(folder, ["lint", "bad.yaml"]);
  expect(bad.code).toBe(2);
  expect(bad.stderr).toMatch(/^bad\.yaml:8:\d+: error: the policy has no tier hihg/mu);
  expect(bad.stderr).toContain("did you mean high?");
  const plan = await runCanary(folder, ["plan", "good.yaml"]);
  expect(plan.code).toBe(2);
  expect(plan.stderr).toContain("good.yaml is a policy, not a plan");
});

test("the policy of the base branch counts, not the one that a change brings along", async () => {
  const { folder, work } = clone(policy(KEY));
  writeFileSync(join(work, "canary.policy.yaml"), policy(KEY).replace("{ council: 1 }", "{}"));
  writeFileSync(join(work, "src/payments/charge.ts"), "2");
  const text = await asked(folder, work, "--changed-since", "origin/main");
  expect(text).toContain("tier high");
  expect(text).toContain("1 more of council");
  // One that is named is the caller's own word.
  const named = await asked(
    folder,
    work,
    ...["--changed-since", "origin/main", "--policy", "canary.policy.yaml"],
  );
  expect(named).toContain("nobody has to confirm it");
});

test("what changed raises the tier, and what nobody can tell counts as changed", async () => {
  const { folder, work } = clone(policy(KEY));
  const since = ["--changed-since", "origin/main"];
  expect(await asked(folder, work, ...since)).toContain("tier low");
  writeFileSync(join(work, "README.md"), "x");
  git(work, "add", ".");
  git(work, "commit", "-q", "-m", "y");
  expect(await asked(folder, work, ...since)).toContain("tier low");
  expect(await asked(folder, work)).toContain("tier high");
  expect(await asked(folder, work, "--changed-since", "v9")).toContain("tier high");
  git(work, "mv", "src/payments/charge.ts", "src/elsewhere.ts");
  expect(await asked(folder, work, ...since)).toContain("tier high");
});

test("outside a repository the nearest file counts, and CANARY_POLICY before it", async () => {
  const folder = folderForTest();
  mkdirSync(join(folder, "a/b"), { recursive: true });
  writeFileSync(join(folder, "a/canary.policy.yaml"), policy(KEY));
  writeFileSync(join(folder, "a/b/shop.yaml"), PLAN);
  expect(await asked(folder, join(folder, "a/b"))).toContain("tier high");
  writeFileSync(join(folder, "free.yaml"), policy(KEY).replace(/^paths.*$/mu, ""));
  const env = { CANARY_POLICY: join(folder, "free.yaml") };
  const free = await runCanary(folder, ["confirm", "--plan", "a/b/shop.yaml"], { env });
  expect(free.stdout).toContain("tier low");
  const none = await runCanary(folder, ["confirm", "--plan", "a/b/shop.yaml"], {
    cwd: folderForTest(),
  });
  expect(none.code).toBe(2);
});

test("an SSH key signs as well as canary's own, and a signature of another is refused with the line to add", async () => {
  const folder = folderForTest();
  const own = join(folder, "id");
  execFileSync("ssh-keygen", ["-q", "-t", "ecdsa", "-N", "", "-C", "ana", "-f", own]);
  const { stdout } = await runCanary(folder, ["key", "--key", own]);
  expect(stdout).toBe(readFileSync(`${own}.pub`, "utf8"));
  writeFileSync(join(folder, "canary.policy.yaml"), policy(stdout.trim()));
  writeFileSync(join(folder, "shop.yaml"), PLAN);
  const confirm = ["confirm", "approval-council", "--plan", "shop.yaml", "--reason", "read it"];
  const other = await runCanary(folder, confirm);
  expect(other.code).toBe(2);
  expect(other.stderr).toMatch(/people: \{ NAME: \{ key: "ssh-ed25519 /u);
  const claimed = await runCanary(folder, [...confirm, "--key", own, "--by", "bo"]);
  expect([claimed.code, claimed.stderr]).toEqual([2, expect.stringContaining("ana's")]);
  expect(readdirSync(folder)).not.toContain("approvals");
  const given = await runCanary(folder, [...confirm, "--key", own]);
  expect(given.code, given.stderr).toBe(0);
  expect(readFileSync(given.stdout.trim(), "utf8")).toContain("BEGIN SSH SIGNATURE");
  expect(await asked(folder, folder)).toContain("everything asked for is confirmed");
  const missing = await runCanary(folder, ["key", "--key", `${own}.gone`]);
  expect(missing.code).toBe(2);
});
