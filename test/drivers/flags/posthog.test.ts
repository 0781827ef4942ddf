import { beforeEach, describe, expect, it } from "vitest";

import type { Change, FieldValue } from "../../../src/core/field.ts";
import type { Answer, DriverContext } from "../../../src/drivers/driver.ts";
import { posthog } from "../../../src/drivers/flags/posthog.ts";
import { contractOfActionDriver } from "../../support/contract-action-driver.ts";
import { contractOfFlagService } from "../../support/contract-flag-service.ts";
import { driverContext } from "../../support/driver-context.ts";
import {
  startLoopbackServer,
  type LoopbackServer,
  type Reply,
  type Seen,
} from "../../support/loopback-server.ts";
import { must } from "../../support/must.ts";
import { isWrite } from "./support/flag-proxy.ts";

// A contract fake: it holds what PostHog's documentation and source say of its feature flags, and no more. Filters are
// replaced as a whole, and a stale version conflicts where a field that is written was changed since it was read.

interface Flag {
  id: number;
  key: string;
  active: boolean;
  version: number;
  deleted?: boolean;
  experiment_set?: number[];
  filters: { groups: Record<string, unknown>[]; [key: string]: unknown };
}

interface Fake extends LoopbackServer {
  readonly flag: Flag;
  weather: ((seen: Seen) => Reply | "cut" | "hang" | null) | null;
  /** Runs before a patch is looked at, as a concurrent writer does. */
  meanwhile: (() => void) | null;
}

const TOKEN = "phx_0123456789";

async function startFake(more: Partial<Flag> = {}): Promise<Fake> {
  const groups = [{ properties: [], rollout_percentage: 0 }];
  const payloads = { true: '{"${env:HOME}": 1}' };
  const filters = { groups, payloads, multivariate: null };
  const flag: Flag = { id: 7, key: "checkout", active: true, version: 3, filters, ...more };
  const state: Pick<Fake, "weather" | "meanwhile"> = { weather: null, meanwhile: null };
  const server = await startLoopbackServer((seen) => {
    const weather = state.weather?.(seen) ?? null;
    if (weather === "hang") return null;
    if (weather !== null) return weather;
    if (seen.headers.authorization !== `Bearer ${TOKEN}`)
      return { status: 401, body: '{"detail":"Invalid personal API key."}' };
    const url = new URL(seen.path, "http://fake");
    const list = "/api/projects/1/feature_flags/";
    if (url.pathname === list) {
      const results = flag.key.includes(url.searchParams.get("search") ?? "") ? [flag] : [];
      return json({
        count: results.length,
        results: [{ ...flag, id: 8, key: "checkout-2" }, ...results],
      });
    }
    if (url.pathname !== `${list}7/`) return { status: 404, body: '{"detail":"Not found."}' };
    return seen.method === "GET" ? json(flag) : patch(flag, seen, state);
  });
  return Object.assign(state, {
    flag,
    url: server.url,
    seen: server.seen,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  });
}

function patch(flag: Flag, seen: Seen, state: Pick<Fake, "meanwhile">): Reply {
  state.meanwhile?.();
  const given = JSON.parse(seen.body) as Partial<Flag> & { original_flag?: Partial<Flag> };
  const { version, original_flag: original, ...fields } = given;
  const stale = version !== undefined && version !== flag.version;
  const changed = (["active", "filters"] as const).some(
    (key) =>
      key in fields && JSON.stringify(flag[key]) !== JSON.stringify(original?.[key] ?? flag[key]),
  );
  if (stale && changed) return { status: 409, body: '{"detail":"The feature flag was updated"}' };
  if (fields.filters !== undefined && !Array.isArray(fields.filters.groups))
    return { status: 400, body: '{"detail":"filters.groups is required"}' };
  Object.assign(flag, fields, { version: flag.version + 1 });
  return json(flag);
}

function json(body: unknown): Reply {
  return {
    status: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
}

function contextFor({ url }: Fake, signal = new AbortController().signal): DriverContext {
  return driverContext({ connection: { url, bearer: TOKEN }, signal });
}

contractOfActionDriver(
  "posthog",
  async () => {
    const fake = await startFake();
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

contractOfFlagService({
  driver: posthog,
  input: { flag: "checkout", project: 1 },
  connection: { bearer: TOKEN },
  async start() {
    const fake = await startFake({ filters: { groups: [{ rollout_percentage: 25 }] } });
    const { flag } = fake;
    const servesNobody = (): boolean =>
      !flag.active || flag.filters.groups[0]?.["rollout_percentage"] === 0;
    return Object.assign(fake, { servesNobody });
  },
});

function truth({ active, filters }: Flag): FieldValue {
  const share = String(filters.groups[0]?.["rollout_percentage"]);
  return { present: true, value: active ? share : `off, ${share}` };
}

describe("a flag in PostHog (a contract fake)", () => {
  let fake: Fake;
  const start = async (more: Partial<Flag> = {}): Promise<void> => {
    await fake?.[Symbol.asyncDispose]();
    fake = await startFake(more);
  };
  beforeEach(async () => {
    fake = await startFake();
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

  it.each<[string, Partial<Flag>]>([
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

  it.each<[string, Partial<Flag>, string]>([
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
