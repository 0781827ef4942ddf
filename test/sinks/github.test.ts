import { expect, test } from "vitest";

import { github } from "../../src/sinks/github.ts";
import type { Delivery, Notice, Receipt } from "../../src/sinks/sink.ts";
import { SHA, startFakeGithub } from "./support/fake-github.ts";
import { notice, ROLLOUT, trySink } from "./support/try-sink.ts";

const token = "ghp_canary";
const receiptOf = (delivery: Delivery): Receipt => delivery.receipt ?? {};
const configOf = (url: string) => ({ url, token, repo: "acme/shop", ref: "v1.4.0" });

const promoted: Partial<Notice> = { event: "promoted", isOver: true, isEnd: true };

test("a rollout is one deployment, whose state goes on with it", async () => {
  await using fake = await startFakeGithub(token);
  const config = { ...configOf(fake.url), status: "canary/production" };
  const begun = await trySink(github, notice({ event: "started" }), { config });
  expect(begun).toEqual({ kind: "delivered", receipt: { open: "1", sha: SHA } });
  expect(fake.deployments).toMatchObject([
    { environment: "production", ref: "v1.4.0", payload: { rollout: ROLLOUT, plan: "checkout" } },
  ]);
  await trySink(github, notice({ event: "stage-passed" }), { config, receipt: receiptOf(begun) });
  const done = await trySink(github, notice(promoted), { config, receipt: receiptOf(begun) });
  expect(done).toEqual({ kind: "delivered", receipt: {} });
  expect(fake.deployments.length).toBe(1);
  expect(fake.states).toEqual([
    "deployment in_progress",
    "canary/production pending",
    "deployment in_progress",
    "canary/production pending",
    "deployment success",
    "canary/production success",
  ]);
});

test.each([
  ["rolled-back", "failure"],
  ["rollback-failed", "error"],
  ["halted", "error"],
] as const)("%s is the state %s", async (event, state) => {
  await using fake = await startFakeGithub(token);
  await trySink(github, notice({ event, isEnd: true }), { config: configOf(fake.url) });
  expect(fake.states).toEqual([`deployment ${state}`]);
});

test("a deployment that was made, and not journalled, is found again", async () => {
  await using fake = await startFakeGithub(token);
  const config = configOf(fake.url);
  await trySink(github, notice({ event: "started" }), { config });
  await trySink(github, notice({ event: "started" }), { config });
  await trySink(github, notice({ event: "started", rollout: "other" }), { config });
  expect(fake.deployments.length).toBe(2);
});

test("a limit of requests is told from a token without rights", async () => {
  await using fake = await startFakeGithub(token);
  const config = configOf(fake.url);
  const soon = String(Math.floor(Date.now() / 1000) + 60);
  fake.trouble(
    { status: 403, headers: { "retry-after": "30" }, body: "secondary rate limit" },
    { status: 403, headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": soon } },
    { status: 403, headers: { "x-ratelimit-remaining": "41" }, body: "not accessible by token" },
  );
  expect(await trySink(github, notice(), { config })).toMatchObject({
    kind: "again",
    after: 30_000,
  });
  const limited = await trySink(github, notice(), { config });
  expect(limited).toMatchObject({ kind: "again" });
  expect(limited.kind === "again" ? limited.after : 0).toBeGreaterThan(50_000);
  expect(await trySink(github, notice(), { config })).toMatchObject({ kind: "refused" });
});

test("a ref that does not exist is refused, with GitHub's words", async () => {
  await using fake = await startFakeGithub(token);
  const config = { ...configOf(fake.url), ref: "nowhere" };
  expect(await trySink(github, notice(), { config })).toMatchObject({
    kind: "refused",
    why: expect.stringContaining("No ref found"),
  });
});

test("a long description is cut to what GitHub takes", async () => {
  await using fake = await startFakeGithub(token);
  const told = notice({ subject: "x".repeat(500) });
  expect(await trySink(github, told, { config: configOf(fake.url) })).toMatchObject({
    kind: "delivered",
  });
});
