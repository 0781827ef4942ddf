import { beforeEach, describe, expect, it } from "vitest";

import type { Change, FieldValue } from "../../../src/core/field.ts";
import type { Answer, DriverContext } from "../../../src/drivers/driver.ts";
import { posthog } from "../../../src/drivers/flags/posthog.ts";
import { contractOfActionDriver } from "../../support/contract-action-driver.ts";
import { driverContext } from "../../support/driver-context.ts";
import type { Reply } from "../../support/loopback-server.ts";
import { must } from "../../support/must.ts";
import {
  POSTHOG_TOKEN,
  startFakePosthog,
  type FakePosthog,
  type PosthogFlag,
} from "./support/fake-posthog.ts";
import { isWrite } from "./support/flag-proxy.ts";

function contextFor({ url }: FakePosthog, signal = new AbortController().signal): DriverContext {
  return driverContext({ connection: { url, bearer: POSTHOG_TOKEN }, signal });
}

contractOfActionDriver(
  "posthog",
  async () => {
    const fake = await startFakePosthog();
    const request = { input: { flag: "checkout", project: 1 }, share: 5, connectionName: "hog" };
    const broken = (reply: Reply | "hang") => (): Promise<void> =>
      Promise.resolve(void (fake.weather = () => reply));
    return {
      driver: posthog,
      request,
      other: { ...request, share: 25 },
      foreign: { present: true, value: "off, 77" },
      context: (signal) => contextFor(fake, signal),
      truth: () => Promise.resolve(truth(fake.flag)),
      setLive() {
        fake.flag.active = false;
        fake.flag.filters.groups = [{ properties: [], rollout_percentage: 77 }];
        return Promise.resolve();
      },
      writes: () => Promise.resolve(fake.seen.filter(isWrite).length),
      break: {
        hang: broken("hang"),
        fail: broken({ status: 500, body: "no" }),
        refuse: broken({ status: 403, body: '{"detail":"not yours"}' }),
        ignoreWrites: () =>
          Promise.resolve(
            void (fake.weather = (seen) => (isWrite(seen) ? { status: 200, body: "{}" } : null)),
          ),
      },
      [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose](),
    };
  },
  { absence: false },
);

function truth({ active, filters }: PosthogFlag): FieldValue {
  const share = String(filters.groups[0]?.["rollout_percentage"]);
  return { present: true, value: active ? share : `off, ${share}` };
}

describe("a flag in PostHog (a contract fake)", () => {
  let fake: FakePosthog;
  const start = async (more: Partial<PosthogFlag> = {}): Promise<void> => {
    await fake?.[Symbol.asyncDispose]();
    fake = await startFakePosthog(more);
  };
  beforeEach(async () => {
    fake = await startFakePosthog();
    return () => fake[Symbol.asyncDispose]();
  });

  const request = (share: number | null, more: object = {}) => ({
    input: posthog.input.parse({ flag: "checkout", project: 1, ...more }),
    share,
    connectionName: "hog",
  });
  const changesOf = (share: number | null = 5, more: object = {}) =>
    posthog.changes(request(share, more), contextFor(fake));
  const baselineOf = async (changes: readonly Change[]): Promise<readonly Change[]> => {
    const fields = changes.map(({ field }) => field);
    return JSON.parse(
      JSON.stringify(must(await posthog.read(fields, contextFor(fake)))),
    ) as Change[];
  };
  const write = (changes: readonly Change[]): Promise<Answer<null>> =>
    posthog.write(changes, contextFor(fake));

  it.each<[string, Partial<PosthogFlag>]>([
    ["with a share", {}],
    ["that is off", { active: false }],
    [
      "with targeting, variants and payloads",
      {
        filters: {
          groups: [
            {
              properties: [{ key: "country", value: ["de"], type: "person" }],
              rollout_percentage: null,
              variant: "blue",
            },
          ],
          multivariate: { variants: [{ key: "blue", rollout_percentage: 100 }] },
          payloads: { blue: '"${outputs.x} $${env:Y}"' },
        },
      },
    ],
  ])("restores a flag %s exactly", async (_, more) => {
    await start(more);
    const { version: _before, ...before } = structuredClone(fake.flag);
    const first = must(await changesOf());
    const baseline = await baselineOf(first);
    for (const share of [5, 25, 100]) {
      must(await write(must(await changesOf(share))));
      expect(truth(fake.flag)).toEqual({ present: true, value: String(share) });
    }
    must(await write(baseline));
    const { version: _after, ...after } = fake.flag;
    expect(after).toEqual(before);
  });

  it.each<[string, Partial<PosthogFlag>, string]>([
    [
      "a second release condition",
      { filters: { groups: [{ rollout_percentage: 0 }, { rollout_percentage: 100 }] } },
      "2 release conditions",
    ],
    ["an experiment", { experiment_set: [3] }, "run by an experiment"],
    ["a flag that is deleted", { deleted: true }, "has no flag checkout"],
  ])("refuses %s, and says so before the rollout", async (_, more, words) => {
    await start(more);
    expect(await posthog.permissions(request(5), contextFor(fake))).toEqual([
      expect.stringContaining(words),
    ]);
    expect(fake.seen.filter(isWrite)).toEqual([]);
  });

  it("has its write refused when another one comes between reading and writing", async () => {
    const changes = must(await changesOf());
    fake.meanwhile = () => {
      fake.flag.version += 1;
      fake.flag.filters = { groups: [{ properties: [], rollout_percentage: 60 }] };
    };
    expect(await write(changes)).toMatchObject({ kind: "refused" });
    expect(truth(fake.flag)).toEqual({ present: true, value: "60" });
  });

  it("shows a condition that someone adds as a difference", async () => {
    const changes = must(await changesOf());
    must(await write(changes));
    fake.flag.filters.groups.push({ properties: [], rollout_percentage: 100 });
    expect((await baselineOf(changes))[0]?.value).toMatchObject({ value: { conditions: 2 } });
  });

  it("kills without reading, and says that it did not go as asked", async () => {
    const changes = must(await changesOf());
    const baseline = await baselineOf(changes);
    must(await write(changes));
    fake.weather = (seen) => (isWrite(seen) ? null : { status: 502, body: "<html>" });
    expect(await write(baseline)).toMatchObject({
      kind: "unknown",
      why: expect.stringContaining("switched off instead"),
    });
    expect(fake.flag.active).toBe(false);
    fake.weather = null;
    must(await write(baseline));
    expect(truth(fake.flag)).toEqual({ present: true, value: "0" });
  });

  it("switches on for everyone only where the plan agrees to that", async () => {
    await start({
      active: false,
      filters: { groups: [{ properties: [], rollout_percentage: null }] },
    });
    expect(await changesOf(null, { enabled: true })).toMatchObject({
      kind: "failed",
      why: expect.stringContaining("everyone: true"),
    });
    must(await write(must(await changesOf(null, { enabled: true, everyone: true }))));
    expect(fake.flag.active).toBe(true);
    must(await write(must(await changesOf(null, { enabled: false }))));
    expect(fake.flag.active).toBe(false);
  });

  it("waits out a short rate limit", async () => {
    const changes = must(await changesOf());
    let limited = 1;
    fake.weather = (seen) => {
      if (!isWrite(seen) || limited === 0) return null;
      limited -= 1;
      return { status: 429, headers: { "retry-after": "0.1" } };
    };
    must(await write(changes));
    expect(limited).toBe(0);
  });

  it.each([
    ["a login page", { status: 200, body: "<html>sign in</html>" }],
    ["half a body", { status: 200, body: '{"id":7,"acti' }],
    ["another shape", { status: 200, body: '{"results":[]}' }],
    ["a redirect", { status: 302, headers: { location: "/login" } }],
    ["a cut connection", "cut" as const],
  ])("never takes %s for done", async (_, reply) => {
    const changes = must(await changesOf());
    const off = must(await changesOf(null, { enabled: false }));
    fake.weather = () => reply;
    expect((await write(changes)).kind).toBe("unknown");
    expect((await write(off)).kind).toBe("unknown");
    expect((await posthog.read([(changes[0] as Change).field], contextFor(fake))).kind).not.toBe(
      "ok",
    );
    expect((await changesOf()).kind).not.toBe("ok");
  });

  it("names what a key may not do, and a flag that is not there", async () => {
    const { url } = fake;
    const wrong = driverContext({ connection: { url, bearer: "phx_wrong" } });
    const [problem] = await posthog.permissions(request(5), wrong);
    expect(problem).toContain("401");
    expect(problem).not.toContain("phx_wrong");
    expect(await changesOf(5, { flag: "check" })).toMatchObject({
      kind: "failed",
      why: "project 1 has no flag check",
    });
    expect(await changesOf(0.5)).toMatchObject({ kind: "failed" });
  });
});
