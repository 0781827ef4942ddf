import { beforeEach, describe, expect, it } from "vitest";

import type { Change, FieldValue } from "../../../src/core/field.ts";
import type { Answer, DriverContext } from "../../../src/drivers/driver.ts";
import { launchdarkly } from "../../../src/drivers/flags/launchdarkly.ts";
import { contractOfActionDriver } from "../../support/contract-action-driver.ts";
import { contractOfFlagService } from "../../support/contract-flag-service.ts";
import { driverContext } from "../../support/driver-context.ts";
import { must } from "../../support/must.ts";
import {
  fakeFlag,
  startFakeLaunchDarkly,
  type FakeEnvironment,
  type FakeLaunchDarkly,
} from "./support/fake-launchdarkly.ts";
import { isWrite } from "./support/flag-proxy.ts";

const split = (weight: number): FakeEnvironment["fallthrough"] => ({
  rollout: {
    variations: [
      { variation: 0, weight },
      { variation: 1, weight: 100_000 - weight },
    ],
    contextKind: "user",
  },
});

function contextFor(world: FakeLaunchDarkly, more: Readonly<Record<string, string>> = {}) {
  const { url, token } = world;
  const connection = { url, token, project: "shop", environment: "production", ...more };
  return driverContext({ connection });
}

contractOfActionDriver(
  "launchdarkly",
  async () => {
    const world = await startFakeLaunchDarkly();
    const production = (): FakeEnvironment => {
      const found = world.flags.get("checkout")?.environments["production"];
      if (found === undefined) throw new Error("no flag");
      return found;
    };
    world.flags.set("checkout", fakeFlag({ on: true, fallthrough: split(3000) }));
    const request = { input: { flag: "checkout" }, share: 5, connectionName: "flags" };
    const truth = (): FieldValue => {
      const { on, fallthrough } = production();
      const share = (fallthrough.rollout?.variations[0]?.weight ?? 0) / 1000;
      return { present: true, value: on ? String(share) : `off, ${share}` };
    };
    return {
      driver: launchdarkly,
      request,
      other: { ...request, share: 25 },
      foreign: { present: true, value: "off, 77.5" },
      context: (signal) => ({ ...contextFor(world), signal }),
      truth: () => Promise.resolve(truth()),
      setLive: () =>
        Promise.resolve(
          void Object.assign(production(), { on: false, fallthrough: split(77_500) }),
        ),
      writes: () => Promise.resolve(world.seen.filter(isWrite).length),
      break: {
        hang: () => Promise.resolve(void (world.weather = () => "hang")),
        fail: () => Promise.resolve(void (world.weather = () => ({ status: 500, body: "no" }))),
        refuse: () =>
          Promise.resolve(
            void (world.weather = () => ({ status: 403, body: '{"message":"not yours"}' })),
          ),
        ignoreWrites: () =>
          Promise.resolve(
            void (world.weather = (seen) => (isWrite(seen) ? { status: 200, body: "{}" } : null)),
          ),
      },
      [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
    };
  },
  { absence: false },
);

contractOfFlagService({
  driver: launchdarkly,
  input: { flag: "checkout" },
  connection: { token: "api-0123456789abcdef", project: "shop", environment: "production" },
  async start() {
    const service = await startFakeLaunchDarkly();
    const flag = fakeFlag({ on: true, fallthrough: { variation: 0 } });
    service.flags.set("checkout", flag);
    const servesNobody = (): boolean => {
      const { on, fallthrough } = flag.environments["production"] ?? {};
      return on === false || fallthrough?.variation === 1;
    };
    return Object.assign(service, { servesNobody });
  },
});

describe("a flag in LaunchDarkly (a contract fake)", () => {
  let world: FakeLaunchDarkly;
  beforeEach(async () => {
    world = await startFakeLaunchDarkly();
    world.flags.set("checkout", fakeFlag());
    return () => world[Symbol.asyncDispose]();
  });

  const live = (): FakeEnvironment => {
    const found = world.flags.get("checkout")?.environments["production"];
    if (found === undefined) throw new Error("no flag");
    return found;
  };
  const make = (more: Partial<FakeEnvironment>): void =>
    void world.flags.set("checkout", fakeFlag(more));
  const context = (more: Readonly<Record<string, string>> = {}): DriverContext =>
    contextFor(world, more);
  const request = (input: object = {}, share: number | null = 5) => ({
    input: launchdarkly.input.parse({ flag: "checkout", ...input }),
    share,
    connectionName: "flags",
  });
  const changesOf = (input: object = {}, share: number | null = 5) =>
    launchdarkly.changes(request(input, share), context());
  const permissions = (input: object = {}, more: Readonly<Record<string, string>> = {}) =>
    launchdarkly.permissions(request(input), context(more));
  const baselineOf = async (changes: readonly Change[]): Promise<readonly Change[]> => {
    const fields = changes.map(({ field }) => field);
    const readings = must(await launchdarkly.read(fields, context()));
    return JSON.parse(JSON.stringify(readings)) as Change[];
  };
  const write = (changes: readonly Change[]): Promise<Answer<null>> =>
    launchdarkly.write(changes, context());
  const lastPatch = (): { instructions: { kind: string }[] } =>
    JSON.parse(world.seen.findLast(isWrite)?.body ?? "null") as ReturnType<typeof lastPatch>;

  it("sets share and switch in one patch that sums to the whole, the share first", async () => {
    must(await write(must(await changesOf({}, 25))));
    expect(lastPatch()).toMatchObject({
      environmentKey: "production",
      comment: "canary test-rollout",
      instructions: [
        {
          kind: "updateFallthroughVariationOrRollout",
          rolloutWeights: { "id-true": 25_000, "id-false": 75_000 },
          rolloutContextKind: "user",
        },
        { kind: "turnFlagOn" },
      ],
    });
    expect(live()).toMatchObject({ on: true, fallthrough: split(25_000) });
    expect(world.flags.get("checkout")?.environments["test"]?.version).toBe(1);
  });

  it.each([0.1, 1, 33.3, 66.667, 99.999, 100, 0])("takes %d % for what it is", async (share) => {
    const changes = must(await changesOf({}, share));
    must(await write(changes));
    expect((await baselineOf(changes))[0]?.value).toEqual({ present: true, value: String(share) });
    must(await write(changes));
  });

  it.each<[string, Partial<FakeEnvironment>]>([
    ["off and false", {}],
    ["off with everyone behind it", { fallthrough: { variation: 0 } }],
    ["on with a share", { on: true, fallthrough: split(7000) }],
    ["on for nobody", { on: true }],
    ["a split that says nobody", { on: true, fallthrough: split(0) }],
    [
      "a split by another attribute",
      {
        on: true,
        fallthrough: {
          rollout: {
            variations: [
              { variation: 0, weight: 1000 },
              { variation: 1, weight: 99_000 },
            ],
            contextKind: "device",
            bucketBy: "country",
          },
        },
      },
    ],
    [
      "rules that keep the others out",
      {
        on: true,
        rules: [{ _id: "r", clauses: [{ op: "in" }], variation: 1 }],
        targets: [{ values: ["me"], variation: 1 }],
        prerequisites: [{ key: "base", variation: 0 }],
      },
    ],
  ])("restores exactly what was there: %s", async (_, more) => {
    make(more);
    const { version: _before, ...before } = structuredClone(live());
    const first = must(await changesOf());
    const baseline = await baselineOf(first);
    for (const share of [5, 25, 100]) must(await write(must(await changesOf({}, share))));
    expect(live()).toMatchObject({ on: true, fallthrough: { variation: 0 } });
    must(await write(baseline));
    const { version: _after, ...after } = live();
    expect(after).toEqual(before);
    expect((await baselineOf(first))[0]?.value).toEqual(baseline[0]?.value);
  });

  it("keeps how users are told apart while the share rises", async () => {
    const rollout = { ...split(1000).rollout, contextKind: "device", bucketBy: "country" };
    make({ on: true, fallthrough: { rollout } as FakeEnvironment["fallthrough"] });
    must(await write(must(await changesOf({}, 25))));
    expect(live().fallthrough.rollout).toMatchObject({
      contextKind: "device",
      bucketBy: "country",
    });
  });

  it("splits between the variations that are named, and leaves the third alone", async () => {
    const flag = fakeFlag({ offVariation: 2, fallthrough: { variation: 2 } });
    flag.variations = [
      { _id: "a", name: "Blue", value: "#00f" },
      { _id: "b", name: "Green", value: "#0f0" },
      { _id: "c", name: "Classic", value: "#333" },
    ];
    world.flags.set("checkout", flag);
    expect(await changesOf()).toMatchObject({
      kind: "failed",
      why: expect.stringContaining("Blue, Green, Classic"),
    });
    must(await write(must(await changesOf({ serve: "Green", instead: "#333" }, 10))));
    expect(live().fallthrough.rollout?.variations).toEqual([
      { variation: 1, weight: 10_000 },
      { variation: 2, weight: 90_000 },
    ]);
  });

  it.each<[string, Partial<FakeEnvironment>, string]>([
    ["an unsafe off variation", { offVariation: 0 }, "serves true when it is switched off"],
    ["no off variation", { offVariation: null }, "whatever the code says"],
    [
      "a rule that serves the new one",
      { rules: [{ _id: "r", clauses: [], variation: 0 }] },
      "1 target or rule that serves",
    ],
    [
      "targets that serve the new one",
      {
        targets: [{ values: ["me"], variation: 0 }],
        contextTargets: [{ values: ["us"], variation: 0, contextKind: "company" }],
      },
      "2 targets or rules that serve",
    ],
    [
      "an experiment",
      {
        fallthrough: {
          rollout: {
            variations: [
              { variation: 0, weight: 50_000 },
              { variation: 1, weight: 50_000 },
            ],
            experimentAllocation: { defaultVariation: 1 },
          },
        },
      },
      "run by an experiment",
    ],
  ])("refuses %s, and says so before the rollout", async (_, more, words) => {
    make(more);
    expect(await changesOf()).toMatchObject({
      kind: "failed",
      why: expect.stringContaining(words),
    });
    expect(await permissions()).toEqual([expect.stringContaining(words)]);
    expect(world.seen.filter(isWrite)).toEqual([]);
  });

  it("ramps beside rules for named users where the plan agrees to them, and sees a further one", async () => {
    make({
      rules: [{ _id: "r", clauses: [{ op: "in" }], variation: 0 }],
      targets: [{ values: ["me"], variation: 0 }],
    });
    const { version: _, ...before } = structuredClone(live());
    const changes = must(await changesOf({ targeted: true }));
    expect(await permissions({ targeted: true })).toEqual([]);
    const baseline = await baselineOf(changes);
    expect(baseline[0]?.value).toEqual({ present: true, value: "off, 0" });
    must(await write(changes));
    expect((await baselineOf(changes))[0]?.value).toEqual({ present: true, value: "5" });
    live().rules.push({ _id: "s", clauses: [], variation: 0 });
    expect((await baselineOf(changes))[0]?.value).toMatchObject({ value: { before: 1 } });
    live().rules.pop();
    must(await write(baseline));
    const { version: _after, ...after } = live();
    expect(after).toEqual(before);
  });

  it("refuses an archived flag, and shares it cannot write", async () => {
    expect(await changesOf({}, 0.0001)).toMatchObject({ kind: "failed" });
    expect(await changesOf({ share: "5%" }, 5)).toMatchObject({ kind: "failed" });
    Object.assign(world.flags.get("checkout") ?? {}, { archived: true });
    expect(await changesOf()).toMatchObject({
      kind: "failed",
      why: expect.stringContaining("archived"),
    });
  });

  it("shows what someone else adds meanwhile as a difference, and goes back all the same", async () => {
    const changes = must(await changesOf());
    const baseline = await baselineOf(changes);
    must(await write(changes));
    live().rules.push({ _id: "r", clauses: [], variation: 0 });
    expect((await baselineOf(changes))[0]?.value).toMatchObject({ value: { before: 1 } });
    must(await write(baseline));
    expect(live()).toMatchObject({ on: false, fallthrough: { variation: 1 } });
  });

  it("says refused of a change that conflicts with another, and nothing is changed", async () => {
    const changes = must(await changesOf());
    world.meanwhile = (flag) => {
      const production = flag.environments["production"];
      if (production !== undefined) production.version += 1;
    };
    expect(await write(changes)).toMatchObject({ kind: "refused" });
    expect(live().on).toBe(false);
    world.meanwhile = null;
    must(await write(changes));
  });

  it("tells change-controlled from failure, in the rollout and before it", async () => {
    const changes = must(await changesOf());
    expect(await permissions()).toEqual([]);
    world.approvals = "required";
    expect(await write(changes)).toMatchObject({
      kind: "approval",
      why: expect.stringContaining("require approval"),
    });
    expect(live().on).toBe(false);
    const problems = await permissions();
    expect(problems).not.toEqual([]);
    for (const problem of problems) expect(problem).toContain("change-controlled");
  });

  it("asks the environment too, since a dry run need not be asked for an approval", async () => {
    world.approvals = "writes";
    expect(await permissions()).toEqual([expect.stringContaining("change-controlled")]);
    expect(await permissions({}, { approvals: "bypassed" })).toEqual([]);
  });

  it("takes a 405 of something else for a failure", async () => {
    const changes = must(await changesOf());
    world.weather = (seen) => (isWrite(seen) ? { status: 405, body: "<h1>405</h1>" } : null);
    expect((await write(changes)).kind).toBe("failed");
  });

  it("tries the change and the kill without keeping them, before the rollout", async () => {
    const before = structuredClone(live());
    expect(await permissions()).toEqual([]);
    const patches = world.seen.filter(isWrite);
    expect(patches.map(({ path }) => path)).toEqual([
      "/api/v2/flags/shop/checkout?dryRun=true",
      "/api/v2/flags/shop/checkout?dryRun=true",
    ]);
    expect(patches.map(({ body }) => body).join()).toContain("turnFlagOff");
    expect(live()).toEqual(before);
  });

  it("names what the token may not do, without naming the token", async () => {
    const [problem] = await permissions({}, { token: "api-wrong" });
    expect(problem).toContain("401");
    expect(problem).not.toContain("api-wrong");
    world.weather = (seen) =>
      isWrite(seen) && seen.body.includes("turnFlagOff")
        ? {
            status: 403,
            body: JSON.stringify({ code: "forbidden", message: "Access to updateOn denied" }),
          }
        : null;
    expect(await permissions()).toEqual([
      "turnFlagOff: PATCH /api/v2/flags/shop/checkout?dryRun=true answered 403: Access to updateOn denied",
    ]);
  });

  it("waits out a short rate limit by either header, and does not wait for a long one", async () => {
    const changes = must(await changesOf());
    let answers: (Readonly<Record<string, string>> | null)[] = [
      { "x-ratelimit-reset": String(Date.now() + 200), "x-ratelimit-route-remaining": "0" },
      { "retry-after": "0.05" },
      null,
    ];
    world.weather = (seen) => {
      const headers = isWrite(seen) ? (answers.shift() ?? null) : null;
      return headers === null ? null : { status: 429, headers };
    };
    must(await write(changes));
    expect(answers).toEqual([]);
    answers = [{ "x-ratelimit-reset": String(Date.now() + 3_600_000) }];
    expect(await write(changes)).toMatchObject({ kind: "failed" });
    answers = [{}];
    expect(await write(changes)).toMatchObject({
      kind: "failed",
      why: expect.stringContaining("without a word until when"),
    });
  });

  it("gives up waiting for a rate limit when it is interrupted: nothing was written", async () => {
    const changes = must(await changesOf());
    world.weather = (seen) =>
      isWrite(seen) ? { status: 429, headers: { "retry-after": "10" } } : null;
    const interrupted: DriverContext = {
      ...context(),
      sleep: () => Promise.reject(new Error("interrupted")),
    };
    expect(await launchdarkly.write(changes, interrupted)).toMatchObject({ kind: "failed" });
    expect(live().on).toBe(false);
  });

  it("kills without reading, and by the switch alone where the exact way fails", async () => {
    make({ on: true });
    const changes = must(await changesOf());
    const baseline = await baselineOf(changes);
    must(await write(changes));
    world.weather = (seen) => {
      if (!isWrite(seen)) return { status: 502, body: "<html>" };
      return seen.body.includes("updateFallthrough") ? { status: 503, body: "busy" } : null;
    };
    expect(await write(baseline)).toMatchObject({
      kind: "unknown",
      why: expect.stringContaining("switched off instead"),
    });
    expect(live().on).toBe(false);
    expect(world.seen.findLast(isWrite)?.path).toContain("ignoreConflicts=true");
    world.weather = null;
    must(await write(baseline));
    expect(live()).toMatchObject({ on: true, fallthrough: { variation: 1 } });
  });

  it("never switches off in place of a share that is not nobody", async () => {
    make({ on: true, fallthrough: split(7000) });
    const changes = must(await changesOf({}, 25));
    world.weather = (seen) =>
      seen.body.includes("updateFallthrough") ? { status: 503, body: "busy" } : null;
    expect((await write(changes)).kind).toBe("unknown");
    expect(live()).toMatchObject({ on: true, fallthrough: split(7000) });
  });

  it("switches a whole flag on and off, and leaves its rules alone", async () => {
    make({ rules: [{ _id: "r", clauses: [{ op: "in" }], variation: 0 }] });
    const { version: _, ...before } = structuredClone(live());
    const on = must(await changesOf({ enabled: true }, null));
    const baseline = await baselineOf(on);
    must(await write(on));
    expect(live()).toMatchObject({ on: true, fallthrough: { variation: 1 } });
    must(await write(baseline));
    const { version: _after, ...after } = live();
    expect(after).toEqual(before);
  });

  it.each<[string, object, Partial<FakeEnvironment>, string]>([
    ["on for everyone", { enabled: true }, { fallthrough: { variation: 0 } }, "everyone: true"],
    ["off to true", { enabled: false }, { on: true, offVariation: 0 }, "serves true when"],
    ["off to nothing", { enabled: false }, { on: true, offVariation: null }, "no off variation"],
  ])("does not switch a flag %s", async (_, input, more, words) => {
    make(more);
    expect(await changesOf(input, null)).toMatchObject({
      kind: "failed",
      why: expect.stringContaining(words),
    });
  });

  it("switches on for everyone where the plan agrees to that", async () => {
    make({ fallthrough: { variation: 0 } });
    must(await write(must(await changesOf({ enabled: true, everyone: true }, null))));
    expect(live().on).toBe(true);
  });

  it.each([
    ["a login page", { status: 200, body: "<html>sign in</html>" }],
    ["half a body", { status: 200, body: '{"key":"checkout","environ' }],
    ["another shape", { status: 200, body: '{"items":[]}' }],
    ["a redirect", { status: 302, headers: { location: "/login" } }],
    ["nothing", { status: 204 }],
    ["a cut connection", "cut" as const],
  ])("never takes %s for done", async (_, reply) => {
    const changes = must(await changesOf());
    const off = must(await changesOf({ enabled: false }, null));
    world.weather = () => reply;
    expect((await write(changes)).kind).toBe("unknown");
    expect((await write(off)).kind).toBe("unknown");
    const fields = changes.map(({ field }) => field);
    expect((await launchdarkly.read(fields, context())).kind).not.toBe("ok");
    expect((await changesOf()).kind).not.toBe("ok");
  });

  it("does not take a flag that stayed as it was for done", async () => {
    const changes = must(await changesOf());
    const body = JSON.stringify(world.flags.get("checkout"));
    world.weather = (seen) => (isWrite(seen) ? { status: 200, body } : null);
    expect(await write(changes)).toMatchObject({
      kind: "unknown",
      why: expect.stringContaining('"off, 0"'),
    });
  });

  it("does not carry its token to a service that it was not captured at", async () => {
    const changes = must(await changesOf());
    await using elsewhere = await startFakeLaunchDarkly();
    const there = contextFor(world, { url: elsewhere.url });
    expect(await launchdarkly.write(changes, there)).toMatchObject({ kind: "failed" });
    expect(elsewhere.seen).toEqual([]);
  });

  it("says of a flag, an environment and a connection that they are not there", async () => {
    expect(await changesOf({ flag: "nope" })).toMatchObject({
      kind: "failed",
      why: expect.stringContaining("Unknown feature flag key"),
    });
    expect((await permissions({}, { environment: "nope" }))[0]).toContain("in nope");
    expect(await launchdarkly.changes(request(), driverContext())).toMatchObject({
      kind: "failed",
      why: expect.stringContaining("no connection of type launchdarkly"),
    });
  });
});
