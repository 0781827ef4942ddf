import { readFile } from "node:fs/promises";

import { expect, test } from "vitest";

import { ORDER, ROLLOUT, send, sendRaw, serveWorld, type ServeWorld } from "./serve-world.ts";

/** Refused, recorded with its reason, and nothing was aborted. */
async function expectRefused(world: ServeWorld, why: string): Promise<void> {
  const last = (await world.trail()).at(-1)?.event;
  expect(last).toMatchObject({ kind: "refused", why });
  expect(world.aborted).toEqual([]);
}

const COUNCIL = ["jermaineMerritt", ["council"]] as const;

test.for([
  ["no token", () => null, 401, "no-token"],
  ["a wrong token", (world) => `${world.issue(...COUNCIL).slice(0, -1)}~`, 401, "unknown-token"],
  ["an expired token", (world) => world.issue(...COUNCIL, -1), 401, "expired-token"],
  ["the role of a reader", (world) => world.issue("eve", ["viewer"]), 403, "wrong-role"],
  ["no role at all", (world) => world.issue("eve", []), 403, "wrong-role"],
  ["another's token", (world) => world.issue("eve", ["ops"]), 403, "wrong-operator"],
  [
    "a revoked token",
    (world) => {
      const text = world.issue(...COUNCIL);
      world.tokens.pop();
      return text;
    },
    401,
    "unknown-token",
  ],
] as const satisfies readonly (readonly [
  string,
  (world: ServeWorld) => string | null,
  number,
  string,
])[])("%s: refused", async ([, tokenOf, status, why]) => {
  const world = await serveWorld();
  const token = tokenOf(world);
  expect((await world.post(token)).status).toBe(status);
  await expectRefused(world, why);
  if (token !== null) expect(await readFile(world.audit, "utf8")).not.toContain(token);
});

test.for<readonly [string, unknown, number, string]>([
  ["confirmed is missing", { reason: "x" }, 400, "not-confirmed"],
  ["confirmed is false", { ...ORDER, confirmed: false }, 400, "not-confirmed"],
  ["confirmed is the text true", { ...ORDER, confirmed: "true" }, 400, "not-confirmed"],
  ["confirmed is 1", { ...ORDER, confirmed: 1 }, 400, "not-confirmed"],
  ["no reason", { confirmed: true }, 400, "malformed"],
  ["an empty reason", { reason: " \n", confirmed: true }, 400, "malformed"],
  ["a reason that is no text", { reason: ["x"], confirmed: true }, 400, "malformed"],
  ["a misspelt key", { ...ORDER, verison: "v2.1.0" }, 400, "malformed"],
  ["a version of another rollout", { ...ORDER, version: "v9" }, 404, "no-rollout"],
  ["an id that is an option", { ...ORDER, rollout: "--all" }, 400, "malformed"],
  ["an id that is a path", { ...ORDER, rollout: "../../etc" }, 400, "malformed"],
  ["a list", [ORDER], 400, "malformed"],
  ["null", null, 400, "malformed"],
  ["half a JSON", '{"confirmed": true', 400, "malformed"],
  ["nothing", "", 400, "malformed"],
  ["9 KiB", { ...ORDER, reason: "x".repeat(9 * 1024) }, 413, "too-large"],
  ["2 MiB", { ...ORDER, reason: "x".repeat(500_000) }, 413, "too-large"],
])("a body with %s: refused", async ([, body, status, why]) => {
  const world = await serveWorld();
  const answer = await world.post(world.issue(...COUNCIL), body);
  expect(answer.status).toBe(status);
  await expectRefused(world, why);
});

test.for<readonly [string, Readonly<Record<string, string>>, number, string]>([
  ["a web page", { origin: "https://evil.example" }, 403, "cross-site"],
  ["a page without an origin", { origin: "null" }, 403, "cross-site"],
  ["a cross-site fetch", { "sec-fetch-site": "cross-site" }, 403, "cross-site"],
  ["a form", { "content-type": "application/x-www-form-urlencoded" }, 415, "not-json"],
  ["a plain text", { "content-type": "text/plain" }, 415, "not-json"],
  [
    "a foreign character set",
    { "content-type": "application/json; charset=utf-16" },
    415,
    "not-json",
  ],
  ["a packed body", { "content-encoding": "gzip" }, 415, "not-json"],
  ["a password", { authorization: "Basic YTpi" }, 401, "no-token"],
])("sent as by %s: refused", async ([, headers, status, why]) => {
  const world = await serveWorld();
  const answer = await world.post(world.issue(...COUNCIL), ORDER, { headers });
  expect(answer.status).toBe(status);
  await expectRefused(world, why);
});

test.for<readonly [string, string, number, string]>([
  ["GET", "/ops/canary/abort", 405, "wrong-method"],
  ["OPTIONS", "/ops/canary/abort", 405, "wrong-method"],
  ["POST", "/ops/canary/metrics", 405, "wrong-method"],
  ["GET", "/ops/canary/status", 401, "no-token"],
  ["GET", "/ops/canary/metrics?version=v2.1.0", 401, "no-token"],
  ["POST", "/ops/canary/abort/../abort2", 404, "unknown-path"],
  ["GET", "/__proto__", 404, "unknown-path"],
  ["GET", "/", 404, "unknown-path"],
])("%s %s without a token: refused", async ([method, path, status, why]) => {
  const world = await serveWorld();
  expect((await send(`${world.url}${path}`, { method })).status).toBe(status);
  await expectRefused(world, why);
});

test.for<readonly [string, string, string, string]>([
  ["no HTTP", "hello\r\n\r\n", "400", "malformed"],
  [
    "two lengths",
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    "400",
    "malformed",
  ],
  [
    "huge headers",
    `GET / HTTP/1.1\r\nHost: x\r\nX: ${"x".repeat(20_000)}\r\n\r\n`,
    "431",
    "malformed",
  ],
  [
    "two tokens",
    "POST /ops/canary/abort HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n",
    "401",
    "no-token",
  ],
])("%s: refused", async ([, text, status, why]) => {
  const world = await serveWorld();
  expect(await sendRaw(world.url, text)).toMatch(new RegExp(`^HTTP/1.1 ${status} `, "u"));
  await expectRefused(world, why);
});

test("a token stops one rollout: replayed, it is refused, also for the next rollout, and after a restart", async () => {
  const world = await serveWorld();
  const token = world.issue(...COUNCIL);
  expect((await world.post(token)).status).toBe(202);
  for (const body of [ORDER, { ...ORDER, rollout: ROLLOUT.replace("f", "b") }]) {
    const replayed = await world.post(token, body);
    expect(replayed.status).toBe(409);
    expect(replayed.json).toMatchObject({ why: "used-token", rollout: ROLLOUT });
  }
  expect(world.aborted).toHaveLength(1);
  expect((await world.trail()).at(-1)?.event).toMatchObject({ kind: "refused", why: "used-token" });
  const other = { ...ORDER, rollout: ROLLOUT.replace("f", "b") };
  const again = await serveWorld(world.audit.replace("/audit.ndjson", ""));
  again.tokens.push(...world.tokens);
  expect((await again.post(token, other)).status).toBe(409);
  expect(again.aborted).toEqual([]);
  // Nobody saw how the first one ended: for the same rollout it may be tried again, and then it is known.
  again.handed = { kind: "ended", exit: 31, said: "" };
  expect((await again.post(token)).status).toBe(200);
  const last = await serveWorld(world.audit.replace("/audit.ndjson", ""));
  last.tokens.push(...world.tokens);
  expect((await last.post(token)).status).toBe(409);
  expect(last.aborted).toEqual([]);
});

test("ten requests with one token at once: one abort", async () => {
  const world = await serveWorld();
  const token = world.issue(...COUNCIL);
  const answers = await Promise.all(Array.from({ length: 10 }, () => world.post(token)));
  expect(answers.filter(({ status }) => status === 409)).toHaveLength(9);
  expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
  expect(world.aborted).toHaveLength(1);
});

test("a token of an abort that did not restore everything is good again", async () => {
  const world = await serveWorld();
  world.handed = { kind: "ended", exit: 41, said: "blind" };
  const token = world.issue(...COUNCIL);
  const failed = await world.post(token);
  expect(failed.status).toBe(502);
  expect(failed.json).toMatchObject({ why: "not-aborted", exit: 41, said: "blind" });
  world.handed = { kind: "ended", exit: 31, said: "" };
  expect((await world.post(token)).status).toBe(200);
  expect((await world.post(token)).status).toBe(409);
  expect(world.aborted).toHaveLength(2);
});

test("of several rollouts none is guessed, and their list is given to bearers only", async () => {
  const world = await serveWorld();
  const other = { id: ROLLOUT.replace("f", "b"), plan: "shop", version: "v3" };
  world.active = [other, ...(world.active as [])];
  const several = await world.post(world.issue(...COUNCIL));
  expect(several.status).toBe(409);
  expect(several.json).toMatchObject({ why: "several-rollouts", active: [other, {}] });
  await expectRefused(world, "several-rollouts");
  expect((await world.post(world.issue(...COUNCIL), { ...ORDER, version: "v3" })).status).toBe(202);
  expect(world.aborted[0]).toContain(other.id);
});

test("where the rollouts can not be listed, one that is named by its id is aborted all the same", async () => {
  const world = await serveWorld();
  world.active = new Error("the store is down");
  expect((await world.post(world.issue(...COUNCIL))).status).toBe(503);
  const named = await world.post(world.issue(...COUNCIL), { ...ORDER, rollout: ROLLOUT });
  expect(named.status).toBe(202);
  expect(world.aborted).toHaveLength(1);
});
