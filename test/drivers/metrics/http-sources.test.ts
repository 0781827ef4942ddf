import { expect, onTestFinished, test } from "vitest";

import { builtInDrivers } from "../../../src/drivers/registry.ts";
import { driverContext } from "../../support/driver-context.ts";
import {
  startLoopbackServer,
  type LoopbackServer,
  type Reply,
  type Seen,
} from "../../support/loopback-server.ts";
import { everySource } from "./no-data/every-source.ts";

/** Every source that is asked over HTTP, and how. */
const SOURCES = everySource.flatMap(({ source: type, http }) =>
  http === undefined ? [] : [{ type, ...http }],
);

test("every source with an address is among them", () => {
  const addressed = [...builtInDrivers().metrics.values()].filter(
    ({ config }) =>
      config.safeParse({}).error?.issues.some(({ path }) => path[0] === "url") === true,
  );
  expect(SOURCES.map(({ type }) => type).toSorted()).toEqual(
    addressed.map(({ type }) => type).toSorted(),
  );
});

/** How a server over HTTP breaks, as the cases of each source call it. */
const BREAKS = [
  ...["no answer", "connection refused", "the connection is cut"],
  ...["`401`", "`429`", "`500`", "`302`"],
  ...["a page", "an empty body", "half a body", "other JSON"],
];

test.each(everySource.filter(({ http }) => http !== undefined))(
  "$source is tried with a server that breaks in every way",
  ({ cases }) => {
    expect(cases.map(({ says }) => says)).toEqual(expect.arrayContaining(BREAKS));
  },
);

async function serverForTest(answer: (seen: Seen) => Reply): Promise<LoopbackServer> {
  const server = await startLoopbackServer(answer);
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

test.each(SOURCES)(
  "$type is left alone for as long as it asks for",
  async ({ driver, config = {}, query }) => {
    let retryAfter = "30";
    const server = await serverForTest(() => ({
      status: 429,
      headers: { "retry-after": retryAfter },
    }));
    const source = driver.open(driver.config.parse({ url: server.url, ...config }));
    onTestFinished(() => source.close());
    let time = Date.now();
    const ask = async (): Promise<string> => {
      const context = { ...driverContext(), now: () => time };
      const sample = await source.sample(driver.query.parse(query), 60_000, context);
      return sample.kind === "error" ? sample.why : sample.kind;
    };
    expect(await ask()).toContain("429");
    const sent = server.seen.length;
    time += 10_000;
    expect(await ask()).toContain("to be asked again in 20 s");
    expect(server.seen.length).toBe(sent);
    time += 20_000;
    // An hour would leave the rollout blind: it is asked again after five minutes.
    retryAfter = new Date(time + 3_600_000).toUTCString();
    expect(await ask()).toContain("429");
    expect(server.seen.length).toBeGreaterThan(sent);
    time += 1000;
    expect(await ask()).toContain("to be asked again in 299 s");
  },
);

const SECRETS = {
  bearer: "b3arer-s3cret-0123456789",
  password: "p4ssword-s3cret",
  key: "k3y-s3cret",
};

test.each(SOURCES)(
  "$type that repeats credentials is not quoted with them",
  async ({ driver, config = {}, query }) => {
    for (const [status, prefix] of [
      [401, ""],
      [500, "x".repeat(100)],
      [200, ""],
    ] as const) {
      const server = await serverForTest(({ headers }) => ({
        status,
        body: `${prefix}${JSON.stringify({ status: "error", error: headers })}`,
      }));
      for (const signIn of [
        { bearer: SECRETS.bearer },
        { basic: { user: "me", password: SECRETS.password } },
        { header: { "x-api-key": SECRETS.key } },
      ]) {
        const source = driver.open(driver.config.parse({ url: server.url, ...config, ...signIn }));
        onTestFinished(() => source.close());
        const sample = await source.sample(driver.query.parse(query), 60_000, driverContext());
        expect(sample.kind).toBe("error");
        const base64 = Buffer.from(`me:${SECRETS.password}`).toString("base64");
        for (const secret of [...Object.values(SECRETS), base64])
          expect(JSON.stringify(sample)).not.toContain(secret.slice(0, 8));
      }
      expect(server.seen.length).toBeGreaterThan(0);
    }
  },
);
