import { onTestFinished } from "vitest";

import type { Sample } from "../../../../src/core/sample.ts";
import type { MetricDriver } from "../../../../src/drivers/driver.ts";
import { driverContext } from "../../../support/driver-context.ts";
import {
  startLoopbackServer,
  type LoopbackServer,
  type Reply,
  type Seen,
} from "../../../support/loopback-server.ts";
import type { Situation, SourceCase } from "./source-cases.ts";

/** How a source over HTTP is asked in a test. */
export interface HttpSource {
  readonly driver: MetricDriver<unknown, unknown>;
  readonly query: object;
  readonly config?: object;
  readonly window?: number;
}

export type Answers = (seen: Seen) => Reply | object | string | null;

/** Asks a source whose server answers so: an object as JSON, a text as it is, null never, "cut" by cutting the connection. */
export async function askAnswering(source: HttpSource, answers: Answers): Promise<Sample> {
  const server = await startLoopbackServer((seen) => {
    const answer = answers(seen);
    if (answer === null || answer === "cut") return answer;
    if (typeof answer === "string") return { status: 200, body: answer };
    return "status" in answer && typeof answer.status === "number"
      ? { ...answer, status: answer.status }
      : { status: 200, body: JSON.stringify(answer) };
  });
  onTestFinished(() => server[Symbol.asyncDispose]());
  return await askServer(source, server);
}

async function askServer(
  { driver, query, config = {}, window = 60_000 }: HttpSource,
  server: LoopbackServer,
  signal: AbortSignal = new AbortController().signal,
): Promise<Sample> {
  const opened = driver.open(driver.config.parse({ url: server.url, ...config }));
  onTestFinished(() => opened.close());
  return await opened.sample(driver.query.parse(query), window, driverContext({ signal }));
}

/** A server that takes the request and says nothing. */
async function askHanging(source: HttpSource): Promise<Sample> {
  const server = await startLoopbackServer(() => null);
  onTestFinished(() => server[Symbol.asyncDispose]());
  return await askServer(source, server, AbortSignal.timeout(150));
}

async function askGone(source: HttpSource): Promise<Sample> {
  const server = await startLoopbackServer(() => null);
  await server[Symbol.asyncDispose]();
  return await askServer(source, server);
}

/** What goes wrong with every source over HTTP in the same way. `half` is the beginning of an answer. */
export function httpCases(source: HttpSource, half: string): readonly SourceCase[] {
  const failing = (
    situation: Situation,
    says: string,
    why: string,
    ask: () => Promise<Sample>,
  ): SourceCase => ({ situation, says, becomes: "error", why, ask });
  const status = (code: number, body: string, why: string): SourceCase =>
    failing("refused", `\`${code}\``, why, () =>
      askAnswering(source, () => ({ status: code, body })),
    );
  const body = (says: string, text: string, why: string): SourceCase =>
    failing("other", says, why, () => askAnswering(source, () => text));
  return [
    failing("hangs", "no answer", "no answer in time", () => askHanging(source)),
    failing("gone", "connection refused", "refused", () => askGone(source)),
    failing("gone", "the connection is cut", "cut before the answer", () =>
      askAnswering(source, () => "cut"),
    ),
    status(401, "Unauthorized", "credentials"),
    status(429, "", "429"),
    status(500, "<html>oops</html>", "500"),
    failing("refused", "`302`", "redirects", () => askAnswering(source, () => ({ status: 302 }))),
    body("a page", "<html><body>sign in</body></html>", "sign in"),
    body("an empty body", "", ""),
    body("half a body", half, ""),
    body("other JSON", '{"ok":true,"data":[1]}', ""),
  ];
}
