import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import type { Attempt } from "../../../src/engine/attempt-test.ts";
import { startLoopbackServer, type LoopbackServer } from "../../support/loopback-server.ts";
import { checkWorld } from "./check-world.ts";
import { WEBHOOK_SENDER } from "./webhook-sender.ts";

interface Mode {
  readonly status: number;
  /** How often; then 200. */
  readonly times?: number;
}

/** The receiver of the page: told what to answer, and asked what it got last. */
let receiver: LoopbackServer;
let mode: Mode;
beforeEach(async () => {
  mode = { status: 200 };
  let answered = 0;
  let last: object = {};
  receiver = await startLoopbackServer(({ path, body, headers }) => {
    if (path === "/mode") {
      mode = JSON.parse(body) as Mode;
      answered = 0;
      return { status: 200 };
    }
    if (path === "/last") return { status: 200, body: JSON.stringify(last) };
    last = { headers, body: JSON.parse(body) as object };
    answered += 1;
    return { status: answered <= (mode.times ?? Number.POSITIVE_INFINITY) ? mode.status : 200 };
  });
});
afterEach(() => receiver[Symbol.asyncDispose]());

const send = (count = 1): string =>
  `run: [ node, FOLDER/sender.cjs, URL/hook, FOLDER/app.log, FOLDER/state.json, "${count}" ]`;
const answer = (json: string): string => `http: { POST: URL/mode, json: ${json} }`;

/** Makes one of the page's smoke tests against the sender, changed by `wrong`. */
async function smoke(steps: string, wrong = (sender: string): string => sender): Promise<Attempt> {
  const yaml = `
  smoke:
    timeout: 20s
    steps:${steps}`;
  const text = yaml
    .replaceAll("URL", receiver.url)
    .replaceAll("LOG", "log: app-log")
    .replaceAll("[ node,", `[ ${process.execPath},`);
  const world = await checkWorld(text);
  const file = join(world.folder, "app.log");
  const connection = { type: "log", name: "app-log", config: { file, time: String.raw`^(\S+)` } };
  const plan = { ...world.run.plan, connections: { "app-log": connection } };
  Object.assign(world.run, { plan });
  writeFileSync(join(world.folder, "sender.cjs"), wrong(WEBHOOK_SENDER));
  // Lines of yesterday answer nothing.
  writeFileSync(file, "2026-01-01T00:00:00.000Z delivered successfully, attempt 2/3\n");
  const result = await world.attempt();
  expect(readFileSync(file, "utf8")).toContain("attempt 1/3");
  return result;
}

const SUCCESS = `
      - ${answer("{ status: 200 }")}
      - ${send()}
      - { LOG, lines: [ attempt 1/3, 'delivered successfully: event=payment_verified, status=200' ] }
      - http: URL/last
        expect:
          json:
            headers["x-webhook-signature"]: '/^[0-9a-f]{64}$/'
            headers["x-webhook-id"]: '/^[0-9a-f-]{36}$/'
            headers["x-webhook-event"]: payment_verified
            body.event: payment_verified
            body.data.amount: "50.00"`;

test("a delivery that succeeds, with its signature", async () => {
  expect(await smoke(SUCCESS)).toMatchObject({ kind: "pass" });
  const unsigned = (sender: string): string => sender.replace('"x-webhook-signature":', "x:");
  expect(await smoke(SUCCESS, unsigned)).toMatchObject({
    kind: "fail",
    detail: /^step 4 of 4, http: .*x-webhook-signature/,
  });
});

const RETRY = `
      - ${answer("{ status: 503, times: 2 }")}
      - ${send()}
      - LOG
        lines:
          - attempt 1/3
          - status=503, retrying in 0ms
          - { line: attempt 2/3, after: 0s, tolerance: 700ms }
          - status=503, retrying in 1000ms
          - { line: attempt 3/3, after: 1s, tolerance: 700ms }
          - delivered successfully.*status=200`;

test("retries come as far apart as they should", async () => {
  expect(await smoke(RETRY)).toMatchObject({ kind: "pass" });
  const hasty = (sender: string): string => sender.replace("await sleep(WAITS", "void (WAITS");
  expect(await smoke(RETRY, hasty)).toMatchObject({
    kind: "fail",
    detail: /has attempt 3\/3 0\.\d+s after status=503, retrying in 1000ms, expected 1s ± 0\.7s$/,
  });
});

const NO_RETRY = `
      - ${answer("{ status: 400 }")}
      - ${send()}
      - { LOG, lines: [ attempt 1/3, 'client error \\(no retry\\)', aborted.*4xx_error ], never: [ attempt 2/3 ], for: 300ms }`;

test("a client error is not tried again", async () => {
  expect(await smoke(NO_RETRY)).toMatchObject({ kind: "pass" });
  const stubborn = (sender: string): string =>
    sender.replace("if (status < 500) return say", "if (status < 500) say");
  expect(await smoke(NO_RETRY, stubborn)).toMatchObject({
    kind: "fail",
    detail: /app\.log has .*attempt 2\/3$/,
  });
});

const BREAKER = `
      - ${answer("{ status: 500 }")}
      - ${send(2)}
      - { LOG, lines: [ 'failure recorded: 1/2', 'failure recorded: 2/2', 'Circuit breaker OPENED: 2 failures' ] }
      - ${send()}
      - { LOG, lines: [ 'delivery blocked: circuit breaker is OPEN' ] }
      - ${answer("{ status: 200 }")}
      - wait: 1600ms
      - ${send()}
      - { LOG, lines: [ Circuit breaker HALF_OPEN, Circuit breaker CLOSED ] }`;

test("the breaker opens, blocks, probes and closes", async () => {
  expect(await smoke(BREAKER)).toMatchObject({ kind: "pass", detail: "all 9 steps passed" });
  const leaky = (sender: string): string => sender.replace("< 1500) return say", "< 0) return say");
  const fails = BREAKER.replace(
    "[ 'delivery blocked: circuit breaker is OPEN' ] }",
    "[ 'delivery blocked: circuit breaker is OPEN' ], for: 300ms }",
  );
  expect(await smoke(fails, leaky)).toMatchObject({
    kind: "fail",
    detail: /^step 5 of 9, log: .* has no line delivery blocked/,
  });
});
