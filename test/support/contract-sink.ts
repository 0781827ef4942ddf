import { expect, test } from "vitest";

import type { SinkDriver } from "../../src/sinks/sink.ts";
import type { FakeApi } from "../sinks/support/fake-api.ts";
import { notice, trySink, type Trial } from "../sinks/support/try-sink.ts";

export interface SinkUnderTest {
  readonly sink: SinkDriver;
  readonly fake: () => Promise<FakeApi>;
  readonly trial: (url: string) => Trial;
  /** What must not be seen anywhere but in the header or field that it is sent in. */
  readonly secret: string;
  /** How the secret is sent: these parts of a request may hold it. */
  readonly sends: "header" | "body" | "path" | "signature";
}

const told = notice({ text: "p95 = 0.3" });

/** What every sink that speaks HTTP does when the other side is in trouble: no crash, no wrong "delivered", nothing leaks. */
export function sinkContract({ sink, fake, trial, secret, sends }: SinkUnderTest): void {
  test("delivers when all is well, with nothing but ids in its receipt", async () => {
    await using api = await fake();
    const delivery = await trySink(sink, told, trial(api.url));
    expect(delivery.kind).toBe("delivered");
    expect(JSON.stringify(delivery)).not.toContain(secret);
    expect(api.asked.length).toBeGreaterThan(0);
    for (const { headers, body, path } of api.asked) {
      const { authorization: _, ...others } = headers;
      if (sends !== "body") expect(body).not.toContain(secret);
      if (sends !== "path") expect(path).not.toContain(secret);
      expect(JSON.stringify(sends === "header" ? others : headers)).not.toContain(secret);
    }
  });

  test.each([
    [{ status: 429, headers: { "retry-after": "3" } }, 3000],
    [{ status: 503, headers: { "retry-after": "2" } }, 2000],
    [{ status: 500, body: "<html>oops</html>" }, null],
    [{ status: 502, body: "<html>bad gateway</html>" }, null],
    [{ status: 504 }, null],
    [{ status: 408 }, null],
    ["cut", null],
  ] as const)("tries again later after %j", async (trouble, after) => {
    await using api = await fake();
    api.trouble(trouble);
    const delivery = await trySink(sink, told, trial(api.url));
    expect(delivery).toMatchObject({ kind: "again", after });
    expect(JSON.stringify(delivery)).not.toContain("<html>");
    expect(await trySink(sink, told, trial(api.url))).toMatchObject({ kind: "delivered" });
  });

  test("ends when it is told to, while the other side says nothing", async () => {
    await using api = await fake();
    api.trouble(null);
    const leave = new AbortController();
    const sending = trySink(sink, told, { ...trial(api.url), signal: leave.signal });
    await expect.poll(() => api.asked.length).toBe(1);
    leave.abort();
    expect(await sending).toMatchObject({ kind: "again" });
  });

  test.each([
    [401, "no"],
    [403, "no"],
    [404, "no"],
    [410, "gone"],
    [301, ""],
  ])("gives up after status %i, and leaks nothing of its answer's secret", async (status, body) => {
    await using api = await fake();
    api.trouble({
      status,
      body,
      headers: status === 301 ? { location: "http://127.0.0.1:9" } : {},
    });
    const delivery = await trySink(sink, told, trial(api.url));
    expect(delivery.kind).toBe("refused");
    expect(JSON.stringify(delivery)).not.toContain(secret);
    expect(api.asked.length).toBe(1);
  });

  test("nobody there is a reason to try again", async () => {
    const gone = await fake();
    await gone[Symbol.asyncDispose]();
    expect(await trySink(sink, told, trial(gone.url))).toMatchObject({
      kind: "again",
      why: "connection refused",
    });
  });
}

/** For sinks that need something of the answer: a page of a proxy, half a body and another shape are no delivery. */
export function answerContract({ sink, fake, trial }: SinkUnderTest): void {
  test.each([
    ["a page", "<html>log in</html>"],
    ["half a body", '{"id":1,'],
    ["another shape", '{"result":[]}'],
    ["null", "null"],
    ["nothing", ""],
  ])("%s instead of its answer is no delivery", async (_, body) => {
    await using api = await fake();
    // All answers of this try, however many it asks for.
    api.trouble(...Array.from({ length: 5 }, () => ({ status: 200, body })));
    const delivery = await trySink(sink, told, trial(api.url));
    expect(["again", "refused"]).toContain(delivery.kind);
  });
}
