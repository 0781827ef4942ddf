import * as fc from "fast-check";
import { expect, test } from "vitest";

import type { Change } from "../../../src/core/field.ts";
import type { Json } from "../../../src/core/units.ts";
import type { Answer, DriverContext } from "../../../src/drivers/driver.ts";
import { launchdarklyWayBack } from "../../../src/drivers/flags/launchdarkly-way-back.ts";
import { unleashWayBack } from "../../../src/drivers/flags/unleash-way-back.ts";
import type { HttpRequest, HttpResult } from "../../../src/drivers/http.ts";
import { driverContext } from "../../support/driver-context.ts";

// A service may answer anything at all: the drivers never throw, and never say "done" of what was not done.

const strategy = fc.record(
  {
    id: fc.constantFrom("s-1", "s-2"),
    name: fc.constantFrom("flexibleRollout", "default"),
    title: fc.constantFrom("", "canary test-rollout"),
    disabled: fc.boolean(),
    parameters: fc.record({ rollout: fc.constantFrom("5", "25", "0", "250", "abc") }),
    constraints: fc.constant([]),
  },
  { requiredKeys: ["id", "name", "parameters"] },
);
const ldFlag = fc.record({
  variations: fc.constant([
    { _id: "id-true", value: true },
    { _id: "id-false", value: false },
  ]),
  environments: fc.record({
    production: fc.record({
      on: fc.boolean(),
      version: fc.nat(),
      offVariation: fc.constantFrom(0, 1, null),
      fallthrough: fc.constantFrom<Json>(
        { variation: 0 },
        { variation: 1 },
        { variation: 7 },
        {
          rollout: {
            variations: [
              { variation: 0, weight: 5000 },
              { variation: 1, weight: 95_000 },
            ],
          },
        },
      ),
    }),
  }),
});
const good = fc.oneof(
  fc.constant(""),
  strategy.map((json) => JSON.stringify(json)),
  ldFlag.map((json) => JSON.stringify(json)),
);
const body = fc.oneof(
  good,
  fc.constantFrom("<html>sign in</html>", '{"enabled":tr', "null", "[]", "{}"),
  fc.jsonValue().map((json) => JSON.stringify(json)),
  fc
    .record({ enabled: fc.boolean(), strategies: fc.array(strategy, { maxLength: 3 }) })
    .map((json) => JSON.stringify(json)),
);
const result: fc.Arbitrary<HttpResult> = fc.oneof(
  fc.record({
    kind: fc.constant("answer" as const),
    status: fc.constant(200),
    headers: fc.constant({}),
    body: good,
  }),
  fc.record({
    kind: fc.constant("answer" as const),
    status: fc.constantFrom(
      200,
      200,
      200,
      201,
      204,
      302,
      400,
      401,
      403,
      404,
      405,
      409,
      429,
      500,
      503,
    ),
    headers: fc.constantFrom<Record<string, string>>(
      {},
      { "retry-after": "0" },
      { "retry-after": "soon" },
      { "x-ratelimit-reset": "1" },
    ),
    body,
  }),
  fc.record({
    kind: fc.constant("noAnswer" as const),
    why: fc.constant("the connection was cut"),
    sent: fc.boolean(),
  }),
);

interface Talk {
  readonly request: HttpRequest;
  readonly result: HttpResult;
}

/** A context whose service answers these in turn, and the last of them for ever, but no rate limit for ever. */
function talkative(answers: readonly HttpResult[]): { context: DriverContext; talk: Talk[] } {
  const talk: Talk[] = [];
  const connection = { url: "http://flags", token: "t", project: "p", environment: "production" };
  const context: DriverContext = {
    ...driverContext({ connection }),
    sleep: () => Promise.resolve(),
    http: (request) => {
      const given = answers[talk.length] ?? { kind: "noAnswer", why: "gone", sent: true };
      talk.push({ request, result: given });
      return Promise.resolve(given);
    },
  };
  return { context, talk };
}

const value = fc.constantFrom<Change["value"]>(
  { present: false },
  { present: true, value: "5" },
  { present: true, value: "0" },
  { present: true, value: "off, 25" },
  { present: true, value: "nonsense" },
  { present: true, value: { on: true, fallthrough: { variation: 1 } } },
  { present: true, value: true },
  { present: true, value: false },
);

const place = { url: "http://flags", project: "p", environment: "production", flag: "f" };

function field(driver: string, ref: Json): Change["field"] {
  const target = `${driver}/http://flags/p/production/f`;
  return { key: `${target}#x`, target, driver, connection: "flags", ref, label: "flag f" };
}

const KINDS = ["ok", "failed", "unknown", "refused", "approval"];

/** Requests that changed something and were answered with a success. */
function done(talk: readonly Talk[]): readonly Talk[] {
  return talk.filter(
    ({ request, result }) =>
      request.method !== "GET" &&
      result.kind === "answer" &&
      result.status >= 200 &&
      result.status <= 299,
  );
}

function bodyOf({ result }: Talk): string {
  return result.kind === "answer" ? result.body : "";
}

test("Unleash may answer anything: nothing is done that the server did not say", async () => {
  let oks = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(result, { maxLength: 8 }),
      value,
      fc.constantFrom("share", "enabled"),
      fc.constantFrom("s-1", null),
      async (answers, wanted, part, id) => {
        const { context, talk } = talkative(answers);
        const change = {
          field: field("unleash", { ...place, part, strategy: id, beside: 0 }),
          value: wanted,
        };
        const wrote: Answer<null> = await unleashWayBack.write([change], context);
        expect(KINDS).toContain(wrote.kind);
        if (wrote.kind === "ok") {
          oks += 1;
          const successes = done(talk);
          const switched = successes.filter(({ request }) => /\/(?:on|off)$/u.test(request.url));
          expect(switched.map(bodyOf)).toEqual([""]);
          const text = wanted.present ? wanted.value : null;
          expect(
            switched[0]?.request.url.endsWith(
              text === "5" || text === "0" || text === true ? "/on" : "/off",
            ),
          ).toBe(true);
          if (typeof text === "string") {
            const rollout = text.replace("off, ", "");
            const set = successes.filter(({ request }) => /\/strategies/u.test(request.url));
            expect(set.some((each) => bodyOf(each).includes(`"rollout":"${rollout}"`))).toBe(true);
          }
        }
        const read = talkative(answers);
        expect(KINDS).toContain((await unleashWayBack.read([change.field], read.context)).kind);
        expect(read.talk.every(({ request }) => request.method === "GET")).toBe(true);
      },
    ),
    { numRuns: 3000 },
  );
  expect(oks).toBeGreaterThan(3);
});

test("LaunchDarkly may answer anything: nothing is done that the service did not say", async () => {
  let oks = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(result, { maxLength: 6 }),
      value,
      fc.constantFrom("share", "enabled"),
      async (answers, wanted, part) => {
        const { context, talk } = talkative(answers);
        const ref = {
          ...{ ...place, part, variations: ["id-true", "id-false"], serve: 0, instead: 1 },
          ...{ contextKind: "user", bucketBy: null, beside: 0 },
        };
        const change = { field: field("launchdarkly", ref), value: wanted };
        const wrote: Answer<null> = await launchdarklyWayBack.write([change], context);
        expect(KINDS).toContain(wrote.kind);
        if (wrote.kind === "ok") {
          oks += 1;
          const last = done(talk).at(-1);
          const made = JSON.parse(last === undefined ? "null" : bodyOf(last)) as {
            environments: { production: { on: boolean } };
          };
          const text = wanted.present ? wanted.value : null;
          const off = text === false || (typeof text === "string" && text.startsWith("off"));
          expect(made.environments.production.on).toBe(!off);
        }
        const read = talkative(answers);
        expect(KINDS).toContain(
          (await launchdarklyWayBack.read([change.field], read.context)).kind,
        );
        expect(read.talk.every(({ request }) => request.method === "GET")).toBe(true);
      },
    ),
    { numRuns: 3000 },
  );
  expect(oks).toBeGreaterThan(3);
});
