import { afterEach, beforeEach, expect, test } from "vitest";

import { createRun } from "../../../src/engine/create-run.ts";
import { perform } from "../../../src/engine/perform.ts";
import type { JournalEntry } from "../../../src/engine/ports.ts";
import { plainOptions, type Run } from "../../../src/engine/run.ts";
import { startLoopbackServer, type LoopbackServer } from "../../support/loopback-server.ts";
import { planWith, realEngine } from "./check-world.ts";

let server: LoopbackServer;
let tokens = 0;
beforeEach(async () => {
  tokens = 0;
  server = await startLoopbackServer(({ path }) => {
    if (path !== "/token") return { status: 200, body: "{}" };
    tokens += 1;
    return { status: 200, body: `{"token":"t-${tokens}","version":"v${tokens}"}` };
  });
});
afterEach(() => server[Symbol.asyncDispose]());

/** The journal of the process that read the values: the secret one is not in it. */
const entries: readonly JournalEntry[] = [
  {
    at: 0,
    mono: 0,
    epoch: 1,
    seq: 1,
    actor: "tester",
    event: { kind: "preflight-finished", effect: "1.1", problems: [], outputs: { version: "v1" } },
  },
];

function runOf(epoch: number): Run {
  const plan = planWith(
    `
  token: { http: ${server.url}/token, outputs: { token: { json: token, secret: true }, version: { json: version } } }
  smoke: { http: "${server.url}/smoke?v=\${outputs.version}", bearer: "\${outputs.token}" }
  open: { http: "${server.url}/open?v=\${outputs.version}" }`,
    "preflight: [ token, open ]",
  );
  const identity = { rollout: "test-rollout", plan, digest: "digest", epoch };
  const run = createRun(realEngine(), identity, plainOptions, entries);
  run.record = () => Promise.resolve();
  return run;
}

async function check(run: Run, name: string): Promise<void> {
  const never = new AbortController().signal;
  const effect = { kind: "check", id: "2.1", check: name, mode: "probe" } as const;
  await perform(run, effect, [], { interrupt: never, cancel: never });
}

const asked = (): readonly string[] =>
  server.seen.map(({ path, headers }) => `${path} ${headers.authorization ?? ""}`.trim());

test("a process that takes over reads a secret value again, once, and leaves the others as they were", async () => {
  const run = runOf(2);
  await Promise.all([check(run, "smoke"), check(run, "smoke")]);
  expect(asked()).toEqual(["/token", "/smoke?v=v1 Bearer t-1", "/smoke?v=v1 Bearer t-1"]);
  await check(run, "smoke");
  expect(asked().filter((each) => each === "/token")).toHaveLength(1);
});

test("what does not need it does not wait for it", async () => {
  await check(runOf(2), "open");
  expect(asked()).toEqual(["/open?v=v1"]);
});

test("the process that starts a rollout reads nothing ahead of its time", async () => {
  await check(runOf(1), "smoke");
  expect(asked()).toEqual([]);
});
