import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { startLoopbackServer, type LoopbackServer } from "../../support/loopback-server.ts";
import { checkWorld } from "./check-world.ts";

let server: LoopbackServer;
let reply: { status: number; body: string };
beforeEach(async () => {
  reply = { status: 200, body: '{"mode":"broken","key":"s3cret-key"}' };
  server = await startLoopbackServer(() => reply);
});
afterEach(() => server[Symbol.asyncDispose]());

const SAY = (text: string): string => `[ sh, -c, 'echo "${text}" >> FOLDER/app.log' ]`;

test("steps are made in order, and one gives to the next what it was answered", async () => {
  const { attempt, folder } = await checkWorld(`
  smoke:
    steps:
      - { name: break it, http: { POST: "${server.url}/mode", json: { status: 503 } }, outputs: { mode: { json: mode } } }
      - { run: [ echo, "now \${outputs.mode}" ], expect: { stdout: now broken } }
      - run: ${SAY("attempt 1/3")}
      - { log: FOLDER/app.log, lines: [ attempt 1/3 ] }
      - wait: 1ms`);
  const result = await attempt();
  expect(result).toEqual({
    kind: "pass",
    detail: "all 5 steps passed",
    outputs: { mode: "broken" },
    body: `--- step 1 of 5, break it: pass: POST ${server.url}/mode answered 200
${reply.body}
--- step 2 of 5, run: pass: echo 'now broken' ended with 0
now broken
--- step 3 of 5, run: pass: sh -c 'echo "attempt 1/3" >> ${folder}/app.log' ended with 0
--- step 4 of 5, log: pass: ${folder}/app.log is as expected
attempt 1/3
--- step 5 of 5, wait: pass: waited 0.001 s
`,
  });
  expect(server.seen.map(({ method, body }) => `${method} ${body}`)).toEqual([
    'POST {"status":503}',
  ]);
});

test("the first step that does not pass is the last, and is named", async () => {
  reply = { status: 503, body: "down" };
  const { attempt, folder } = await checkWorld(`
  smoke:
    steps:
      - run: ${SAY("begun")}
      - http: ${server.url}/health
      - run: ${SAY("never")}`);
  expect(await attempt()).toMatchObject({
    kind: "fail",
    detail: `step 2 of 3, http: GET ${server.url}/health: status 503, expected 200 to 299`,
  });
  expect(await readFile(join(folder, "app.log"), "utf8")).toBe("begun\n");
});

test("a log counts from when the check began: not what was there, and what a step before it wrote", async () => {
  const { attempt, folder } = await checkWorld(`
  smoke:
    steps:
      - run: ${SAY("delivered")}
      - { log: FOLDER/app.log, lines: [ delivered ], for: 1s }
      - { log: FOLDER/app.log, lines: [ delivered ], for: 100ms }`);
  await writeFile(join(folder, "app.log"), "delivered\ndelivered\n");
  // Each line answers one step: the second would need another one.
  expect(await attempt()).toMatchObject({
    kind: "fail",
    detail: `step 3 of 3, log: ${folder}/app.log has no line delivered`,
  });
  await appendFile(join(folder, "app.log"), "delivered\n");
  expect(await attempt()).toMatchObject({ kind: "fail" });
});

test("a step that cannot be made is an error, not a failure", async () => {
  const { attempt } = await checkWorld(`
  smoke:
    steps:
      - run: [ FOLDER/there-is-none ]`);
  expect(await attempt()).toMatchObject({
    kind: "error",
    detail: /step 1 of 1, run: .*there is no file/,
  });
});

test("a check that takes too long says where it was, and keeps what it had", async () => {
  const { attempt } = await checkWorld(`
  smoke:
    timeout: 300ms
    steps:
      - http: ${server.url}/health
      - { name: the slow one, run: [ sleep, "30" ] }`);
  expect(await attempt()).toMatchObject({
    kind: "fail",
    detail: "no result within 300 ms, in step 2 of 2, the slow one",
    body: expect.stringContaining("--- step 1 of 2, http: pass"),
  });
});

test("a step has a bound of its own", async () => {
  const { attempt } = await checkWorld(`
  smoke:
    timeout: 60s
    steps:
      - { run: [ sleep, "30" ], timeout: 100ms }`);
  expect(await attempt()).toMatchObject({
    kind: "fail",
    detail: "step 1 of 1, run: no result within 100 ms",
  });
});

test("an abort cuts the step that is under way", async () => {
  const { attempt } = await checkWorld(`
  smoke:
    steps:
      - wait: 1h
      - http: ${server.url}/health`);
  const control = new AbortController();
  const result = attempt(control.signal);
  control.abort();
  expect(await result).toMatchObject({ kind: "error", detail: "step 1 of 2, wait: interrupted" });
  expect(server.seen).toEqual([]);
});

test("a secret value is used, and neither journalled nor left in the evidence", async () => {
  const { attempt, run } = await checkWorld(`
  smoke:
    steps:
      - { http: ${server.url}/key, outputs: { key: { json: key, secret: true } } }
      - { http: ${server.url}/me, bearer: "\${outputs.key}" }`);
  const result = await attempt();
  expect(result).toMatchObject({ kind: "pass", outputs: {} });
  expect(server.seen.at(-1)?.headers.authorization).toBe("Bearer s3cret-key");
  expect(run.redactor.redact(result.body)).not.toContain("s3cret-key");
});

test("a value that the answer does not have is an error, and so is one that nothing has read yet", async () => {
  const missing = await checkWorld(`
  smoke: { http: ${server.url}/me, outputs: { version: { json: app.version } } }`);
  expect(await missing.attempt()).toMatchObject({
    kind: "error",
    detail: 'the output version: no "app" in the document, which has mode, key',
  });
  const early = await checkWorld(`
  smoke: { http: "${server.url}/me?v=\${outputs.version}" }
  late: { http: ${server.url}/me, outputs: { version: { json: version } } }
preflight: [ late ]`);
  expect(await early.attempt()).toMatchObject({
    kind: "error",
    detail: expect.stringContaining("outputs.version has no value here"),
  });
  expect(server.seen).toHaveLength(1);
});

test("what a command prints is taken as JSON, or as text where it is none", async () => {
  const { attempt } = await checkWorld(`
  smoke:
    steps:
      - { run: [ sh, -c, 'echo "{\\"a\\": [1, 2]}"; echo warned >&2' ], outputs: { two: { json: "a[1]" } } }
      - { run: [ echo, v1.4.0 ], outputs: { tag: { json: $ } } }`);
  expect(await attempt()).toMatchObject({ kind: "pass", outputs: { two: 2, tag: "v1.4.0" } });
});
