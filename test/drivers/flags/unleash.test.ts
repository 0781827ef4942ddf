import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import type { Change, FieldValue } from "../../../src/core/field.ts";
import type { Json } from "../../../src/core/units.ts";
import type { Answer, DriverContext } from "../../../src/drivers/driver.ts";
import { unleash } from "../../../src/drivers/flags/unleash.ts";
import { contractOfActionDriver } from "../../support/contract-action-driver.ts";
import { contractOfFlagService } from "../../support/contract-flag-service.ts";
import { driverContext } from "../../support/driver-context.ts";
import { must } from "../../support/must.ts";
import { eventually } from "../../support/sandbox-client.ts";
import { isWrite, startFlagProxy, type FlagProxy } from "./support/flag-proxy.ts";
import { startSmallUnleash, UNLEASH_TOKEN } from "./support/small-unleash.ts";
import { noUnleash, startUnleash, type UnleashServer } from "./support/unleash-server.ts";

const absent = noUnleash();
const ENVIRONMENT = "production";

let server: UnleashServer;
let count = 0;

interface Strategy {
  readonly id: string;
  readonly name: string;
  readonly title?: string;
  readonly disabled: boolean;
  readonly parameters: Record<string, string>;
}

interface Live {
  readonly enabled: boolean;
  readonly strategies: readonly Strategy[];
}

/** A new flag of its own on the real server, seen and changed without the driver. */
async function newFlag() {
  count += 1;
  const name = `flag-${count}`;
  await server.ask("POST", "/api/admin/projects/default/features", { name, type: "release" });
  const path = (environment = ENVIRONMENT): string =>
    `/api/admin/projects/default/features/${name}/environments/${environment}`;
  const flag = {
    name,
    path,
    read: async () => (await server.ask("GET", path())) as unknown as Live,
    /** Everything that the server says of the flag in all environments, but for the counters of its use. */
    all: async (): Promise<Json> => {
      const all = await server.ask("GET", `/api/admin/projects/default/features/${name}`);
      return (all as { environments: Json }).environments;
    },
    strategy: async (rollout: string, more: object = {}, environment = ENVIRONMENT) =>
      (await server.ask("POST", `${path(environment)}/strategies`, {
        name: "flexibleRollout",
        parameters: { rollout, stickiness: "default", groupId: name },
        ...more,
      })) as unknown as Strategy,
    turn: (to: "on" | "off") => server.ask("POST", `${path()}/${to}`),
    rollout: (id: string, rollout: string) =>
      server.ask("PATCH", `${path()}/strategies/${id}`, [
        { op: "replace", path: "/parameters/rollout", value: rollout },
      ]),
    clear: async () => {
      await server.ask("POST", `${path()}/off`);
      for (const { id } of (await flag.read()).strategies)
        await server.ask("DELETE", `${path()}/strategies/${id}`);
    },
  };
  return flag;
}

function contextFor(url: string, more: Readonly<Record<string, string>> = {}): DriverContext {
  const connection = { url, token: server.token, project: "default", environment: ENVIRONMENT };
  return driverContext({ connection: { ...connection, ...more } });
}

contractOfFlagService({
  driver: unleash,
  input: { flag: "checkout" },
  connection: { token: UNLEASH_TOKEN, project: "default", environment: ENVIRONMENT },
  async start() {
    const small = await startSmallUnleash();
    return Object.assign(small, {
      servesNobody: () => !small.flag.enabled || small.flag.rollout === "0",
    });
  },
});

describe.skipIf(absent !== null)(`a real Unleash server ${absent ?? ""}`, () => {
  beforeAll(async () => {
    server = await startUnleash();
  }, 180_000);
  afterAll(() => server?.[Symbol.asyncDispose]());

  contractOfActionDriver("unleash", async () => {
    const flag = await newFlag();
    await flag.strategy("3");
    await flag.turn("on");
    const proxy = await startFlagProxy(server.url);
    const request = { input: { flag: flag.name }, share: 5, connectionName: "flags" };
    const truth = async (): Promise<FieldValue> => {
      const { enabled, strategies } = await flag.read();
      const [strategy] = strategies;
      if (strategy === undefined) return { present: false };
      const rollout = strategy.parameters["rollout"] ?? "";
      return { present: true, value: enabled ? rollout : `off, ${rollout}` };
    };
    return {
      driver: unleash,
      request,
      other: { ...request, share: 25 },
      foreign: { present: true, value: "off, 77" },
      context: (signal) => ({ ...contextFor(proxy.url), signal }),
      truth,
      async setLive(value) {
        if (!value.present) return flag.clear();
        const text = typeof value.value === "string" ? value.value : "";
        const rollout = text.replace("off, ", "");
        const [strategy] = (await flag.read()).strategies;
        await (strategy === undefined
          ? flag.strategy(rollout)
          : flag.rollout(strategy.id, rollout));
        await flag.turn(text.startsWith("off") ? "off" : "on");
      },
      writes: () => Promise.resolve(proxy.seen.filter(isWrite).length),
      break: {
        hang: () => Promise.resolve(void (proxy.rule = () => null)),
        fail: () => Promise.resolve(void (proxy.rule = () => ({ status: 500, body: "no" }))),
        refuse: () =>
          Promise.resolve(
            void (proxy.rule = () => ({ status: 403, body: '{"message":"not yours"}' })),
          ),
        ignoreWrites: () =>
          Promise.resolve(void (proxy.rule = (seen) => (isWrite(seen) ? { status: 200 } : "pass"))),
      },
      [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
    };
  });

  describe("a flag", () => {
    let flag: Awaited<ReturnType<typeof newFlag>>;
    let proxy: FlagProxy;
    beforeEach(async () => {
      flag = await newFlag();
      proxy = await startFlagProxy(server.url);
      return () => proxy[Symbol.asyncDispose]();
    });

    const context = (more: Readonly<Record<string, string>> = {}): DriverContext =>
      contextFor(proxy.url, more);
    const request = (input: object = {}, share: number | null = 5) => ({
      input: unleash.input.parse({ flag: flag.name, ...input }),
      share,
      connectionName: "flags",
    });
    const changesOf = (input: object = {}, share: number | null = 5) =>
      unleash.changes(request(input, share), context());
    const baselineOf = async (changes: readonly Change[]): Promise<readonly Change[]> =>
      must(
        await unleash.read(
          changes.map(({ field }) => field),
          context(),
        ),
      );
    const write = (changes: readonly Change[], at = context()): Promise<Answer<null>> =>
      unleash.write(changes, at);

    it("restores a flag with targeting to the byte, after every share of a rollout", async () => {
      const constraint = { contextName: "country", operator: "IN", values: ["de", "fr"] };
      const segment = (await server.ask("POST", "/api/admin/segments", {
        name: `segment of ${flag.name}`,
        constraints: [constraint],
      })) as { id: number };
      const blue = { name: "blue", weight: 1000, weightType: "variable", stickiness: "default" };
      await flag.strategy("3", {
        title: "by country",
        constraints: [constraint],
        segments: [segment.id],
        variants: [blue],
        parameters: { rollout: "3", stickiness: "userId", groupId: "of-old" },
      });
      await flag.strategy("50", { disabled: true, title: "kept for later" });
      const before = await flag.all();
      const baseline = await baselineOf(must(await changesOf()));
      expect(baseline[0]?.value).toEqual({ present: true, value: "off, 3" });
      for (const share of [5, 25, 100]) {
        must(await write(must(await changesOf({}, share))));
        const { enabled, strategies } = await flag.read();
        expect(enabled).toBe(true);
        expect(strategies[0]).toMatchObject({
          title: "by country",
          constraints: [expect.objectContaining(constraint)],
          variants: [blue],
          parameters: { rollout: String(share), stickiness: "userId", groupId: "of-old" },
        });
      }
      must(await write(baseline));
      expect(await flag.all()).toEqual(before);
    });

    it("gives a flag without a strategy one at the share, never one that serves everyone, and takes it away again", async () => {
      const before = await flag.all();
      const first = must(await changesOf());
      const baseline = await baselineOf(first);
      expect(baseline[0]?.value).toEqual({ present: false });
      must(await write(first));
      expect(await flag.read()).toMatchObject({
        enabled: true,
        strategies: [{ name: "flexibleRollout", parameters: { rollout: "5" } }],
      });
      must(await write(must(await changesOf({}, 25))));
      expect((await flag.read()).strategies).toHaveLength(1);
      must(await write(baseline));
      expect(await flag.all()).toEqual(before);
      must(await write(baseline));
    });

    it("serves the share that it sets, as the frontend API sees it, and nobody after the kill", async () => {
      const token = (await server.ask("POST", "/api/admin/api-tokens", {
        tokenName: `front-${flag.name}`,
        type: "frontend",
        environment: ENVIRONMENT,
        projects: ["*"],
      })) as { secret: string };
      const users = Array.from({ length: 400 }, (_, index) => `user-${index}`);
      const served = async (): Promise<number> => {
        const on = await Promise.all(
          users.map(async (user) => {
            const path = `/api/frontend?userId=${user}`;
            const answer = await server.ask("GET", path, undefined, token.secret);
            const { toggles } = answer as { toggles: { name: string }[] };
            return toggles.some(({ name }) => name === flag.name);
          }),
        );
        return on.filter(Boolean).length;
      };
      // Users are asked one after another while the server takes the change up: only an answer that stays counts.
      const settled = async (good: (count: number) => boolean): Promise<number> => {
        for (let before = -1; ;) {
          const now = await served();
          if (good(now) && now === before) return now;
          before = now;
        }
      };
      must(await write(must(await changesOf({}, 25))));
      const share = await settled((count) => count > 0);
      // 25 % of 400 is 100, and one standard deviation of a fair draw is 8.7.
      expect(share).toBeGreaterThan(65);
      expect(share).toBeLessThan(135);
      must(await write(must(await changesOf({ enabled: false }, null))));
      await settled((count) => count === 0);
    }, 60_000);

    it.each([
      [
        "a second enabled strategy",
        async () => {
          await flag.strategy("0");
          await flag.strategy("100", { constraints: [] });
        },
        "2 enabled strategies",
      ],
      [
        "a strategy without a share",
        () => flag.strategy("0", { name: "default", parameters: {} }),
        "the strategy default, which has no share",
      ],
      [
        "disabled strategies alone",
        () => flag.strategy("100", { disabled: true }),
        "disabled strategies alone",
      ],
      ["a rollout that is no percent", () => flag.strategy("250"), 'the rollout "250"'],
      ["a rollout that is no number", () => flag.strategy("abc"), 'the rollout "abc"'],
    ])("refuses %s, and says so before the rollout", async (_, make, words) => {
      await make();
      const answer = await changesOf();
      expect(answer).toMatchObject({ kind: "failed", why: expect.stringContaining(words) });
      expect(await unleash.permissions(request(), context())).toEqual([
        expect.stringContaining(words),
      ]);
    });

    it("refuses a strategy that a release plan owns", async () => {
      const { id } = await flag.strategy("5");
      // Release plans belong to the Enterprise edition; their strategies carry the milestone they are of.
      const owned = {
        id,
        name: "flexibleRollout",
        parameters: { rollout: "5" },
        milestoneId: "m-1",
      };
      proxy.rule = ({ path }) =>
        path.endsWith("/strategies") ? { status: 200, body: JSON.stringify([owned]) } : "pass";
      expect(await changesOf()).toMatchObject({
        kind: "failed",
        why: expect.stringContaining("run by a release plan"),
      });
    });

    it("refuses a flag that is on without any strategy: that serves everyone", async () => {
      // The server switches off what loses its last strategy; one that was made long ago may be found like this.
      const body = { name: flag.name, environment: ENVIRONMENT, enabled: true, strategies: [] };
      proxy.rule = ({ path }) =>
        path.endsWith("/strategies") ? "pass" : { status: 200, body: JSON.stringify(body) };
      expect(await changesOf()).toMatchObject({
        kind: "failed",
        why: expect.stringContaining("serves everyone"),
      });
    });

    it("ramps beside a strategy for named users where the plan agrees to it, and sees a further one", async () => {
      const constraints = [{ contextName: "userId", operator: "IN", values: ["me"] }];
      const team = await flag.strategy("100", { title: "the team", constraints });
      const own = await flag.strategy("0");
      const before = await flag.all();
      expect(await changesOf()).toMatchObject({
        kind: "failed",
        why: expect.stringContaining("add `targeted: true`"),
      });
      const changes = must(await changesOf({ targeted: true }));
      expect(changes[0]?.field.ref).toMatchObject({ strategy: own.id });
      const baseline = await baselineOf(changes);
      must(await write(changes));
      expect((await baselineOf(changes))[0]?.value).toEqual({ present: true, value: "5" });
      expect((await flag.read()).strategies).toMatchObject([
        { id: team.id, parameters: { rollout: "100" } },
        { id: own.id, parameters: { rollout: "5" } },
      ]);
      const third = await flag.strategy("1", { constraints });
      expect((await baselineOf(changes))[0]?.value).toMatchObject({
        value: "5, 1 more enabled strategy",
      });
      await server.ask("DELETE", `${flag.path()}/strategies/${third.id}`);
      must(await write(baseline));
      expect(await flag.all()).toEqual(before);
    });

    it("takes the strategy of its own environment, and leaves the other one alone", async () => {
      const other = await flag.strategy("40", {}, "development");
      const own = await flag.strategy("0");
      const [change] = must(await changesOf());
      expect(change?.field.ref).toMatchObject({ strategy: own.id, environment: ENVIRONMENT });
      must(await write([change as Change]));
      const development = (await server.ask("GET", flag.path("development"))) as unknown as Live;
      expect(development.strategies).toMatchObject([
        { id: other.id, parameters: { rollout: "40" } },
      ]);
    });

    it("shows what someone else adds meanwhile as a difference, and goes back all the same", async () => {
      await flag.strategy("0");
      await flag.turn("on");
      const changes = must(await changesOf());
      const baseline = await baselineOf(changes);
      must(await write(changes));
      await flag.strategy("100");
      expect((await baselineOf(changes))[0]?.value).toEqual({
        present: true,
        value: "5, 1 more enabled strategy",
      });
      must(await write(baseline));
      expect((await flag.read()).strategies[0]?.parameters["rollout"]).toBe("0");
      expect((await baselineOf(changes))[0]?.value).not.toEqual(baseline[0]?.value);
    });

    it("does not switch on over a strategy that someone disabled: Unleash would add one that serves everyone", async () => {
      const { id } = await flag.strategy("0");
      const changes = must(await changesOf());
      await server.ask("PATCH", `${flag.path()}/strategies/${id}`, [
        { op: "replace", path: "/disabled", value: true },
      ]);
      expect(await write(changes)).toMatchObject({
        kind: "unknown",
        why: expect.stringContaining("disabled by someone else"),
      });
      expect(await flag.read()).toMatchObject({ enabled: false, strategies: [{ id }] });
    });

    it("has its write refused when another one comes between reading and writing", async () => {
      const { id } = await flag.strategy("0");
      const changes = must(await changesOf());
      // The write is held back until someone else has written: what a runner does that was frozen in between.
      proxy.rule = (seen) => (seen.method === "PATCH" ? null : "pass");
      const cut = new AbortController();
      const writing = write(changes, { ...context(), signal: cut.signal });
      const patch = () => proxy.seen.findLast(({ method }) => method === "PATCH");
      await expect.poll(patch).toBeDefined();
      await flag.rollout(id, "60");
      const held = patch();
      const answer = await fetch(`${server.url}${held?.path}`, {
        method: "PATCH",
        headers: { authorization: server.token, "content-type": "application/json" },
        body: held?.body ?? "",
      });
      expect(answer.status).toBe(500);
      cut.abort();
      expect((await writing).kind).toBe("unknown");
      expect((await flag.read()).strategies[0]?.parameters["rollout"]).toBe("60");
    });

    it("goes back without reading: a service whose reads fail takes the switch and the share all the same", async () => {
      await flag.strategy("3");
      const changes = must(await changesOf());
      const baseline = await baselineOf(changes);
      must(await write(changes));
      proxy.rule = (seen) => (isWrite(seen) ? "pass" : { status: 502, body: "<html>" });
      must(await write(baseline));
      expect(await flag.read()).toMatchObject({
        enabled: false,
        strategies: [{ parameters: { rollout: "3" } }],
      });
    });

    it("switches off where 0 % cannot be set, and still says that it did not go as asked", async () => {
      await flag.strategy("0");
      await flag.turn("on");
      const changes = must(await changesOf());
      const baseline = await baselineOf(changes);
      expect(baseline[0]?.value).toEqual({ present: true, value: "0" });
      must(await write(changes));
      proxy.rule = (seen) => (seen.method === "PATCH" ? { status: 503, body: "busy" } : "pass");
      expect(await write(baseline)).toMatchObject({
        kind: "unknown",
        why: expect.stringContaining("switched off instead"),
      });
      expect(await flag.read()).toMatchObject({ enabled: false });
      proxy.rule = () => "pass";
      must(await write(baseline));
      expect((await baselineOf(changes))[0]?.value).toEqual(baseline[0]?.value);
    });

    it("switches a whole flag on and off, and leaves its rules alone", async () => {
      await flag.strategy("100", {
        constraints: [{ contextName: "userId", operator: "IN", values: ["me"] }],
      });
      const before = await flag.all();
      const on = must(await changesOf({ enabled: true }, null));
      const baseline = await baselineOf(on);
      must(await write(on));
      expect((await flag.read()).enabled).toBe(true);
      must(await write(baseline));
      expect(await flag.all()).toEqual(before);
    });

    it("takes a segment for what narrows a strategy, too", async () => {
      const name = `segment of ${flag.name}`;
      const segment = (await server.ask("POST", "/api/admin/segments", {
        name,
        constraints: [{ contextName: "userId", operator: "IN", values: ["me"] }],
      })) as { id: number };
      await flag.strategy("100", { segments: [segment.id] });
      must(await changesOf({ enabled: true }, null));
      const own = await flag.strategy("0");
      const [change] = must(await changesOf({ targeted: true }));
      expect(change?.field.ref).toMatchObject({ strategy: own.id, beside: 1 });
    });

    it("does not switch on what would serve everyone unless the plan agrees to that", async () => {
      expect(await changesOf({ enabled: true }, null)).toMatchObject({
        kind: "failed",
        why: expect.stringContaining("would add one that serves everyone"),
      });
      await flag.strategy("100");
      expect(await changesOf({ enabled: true }, null)).toMatchObject({
        kind: "failed",
        why: expect.stringContaining("everyone: true"),
      });
      must(await write(must(await changesOf({ enabled: true, everyone: true }, null))));
      expect((await flag.read()).enabled).toBe(true);
    });

    it("names the permissions that a token lacks, those of the rollback too", async () => {
      await flag.strategy("0");
      const viewer = await tokenOf(3);
      expect(await unleash.permissions(request(), context({ token: viewer }))).toEqual([
        "the token lacks UPDATE_FEATURE_STRATEGY for production of project default",
        "the token lacks UPDATE_FEATURE_ENVIRONMENT for production of project default",
      ]);
      expect(await unleash.permissions(request(), context({ token: await tokenOf(2) }))).toEqual(
        [],
      );
      const changes = must(await changesOf());
      expect(await write(changes, context({ token: viewer }))).toMatchObject({
        kind: "failed",
        why: expect.stringContaining("UPDATE_FEATURE_STRATEGY"),
      });
      await flag.clear();
      expect(await unleash.permissions(request(), context({ token: viewer }))).toHaveLength(4);
    });

    it.each(["no-such-token", "default:production.no-such-secret"])(
      "says what a token %s may not do",
      async (token) => {
        const [problem] = await unleash.permissions(request(), context({ token }));
        expect(problem).toMatch(/answered 40[13]/u);
        expect(problem).not.toContain(token);
      },
    );

    it("tells change-controlled from failure, before the rollout and in it", async () => {
      await flag.strategy("0");
      const changes = must(await changesOf());
      // The words of the Enterprise edition, which this server is not.
      proxy.rule = (seen) => {
        if (seen.path.endsWith("/change-requests/config"))
          return {
            status: 200,
            body: JSON.stringify([{ environment: ENVIRONMENT, changeRequestEnabled: true }]),
          };
        if (!isWrite(seen)) return "pass";
        const message = 'You need the "SKIP_CHANGE_REQUEST" permission.';
        return { status: 403, body: JSON.stringify({ name: "PermissionError", message }) };
      };
      expect((await write(changes)).kind).toBe("approval");
      const asEditor = context({ token: await tokenOf(2) });
      expect(await unleash.permissions(request(), asEditor)).toEqual([
        expect.stringContaining("change-controlled"),
      ]);
    });

    it("waits out a short rate limit, and does not wait for a long one", async () => {
      await flag.strategy("0");
      const changes = must(await changesOf());
      let limited = 2;
      proxy.rule = (seen) => {
        if (!isWrite(seen) || limited === 0) return "pass";
        limited -= 1;
        return { status: 429, headers: { "retry-after": "0.1" } };
      };
      must(await write(changes));
      proxy.rule = (seen) =>
        isWrite(seen) ? { status: 429, headers: { "retry-after": "3600" } } : "pass";
      expect(await write(changes)).toMatchObject({
        kind: "failed",
        why: expect.stringContaining("rate limited for 3600 s"),
      });
    });

    it.each([
      ["a login page", { status: 200, body: "<html>sign in</html>" }],
      ["half a body", { status: 200, body: '{"name":"f","enabled":tr' }],
      ["another shape", { status: 200, body: '{"flags":[]}' }],
      ["a redirect", { status: 302, headers: { location: "/login" } }],
      ["a list", { status: 200, body: "[]" }],
    ])("never takes %s for done", async (_, reply) => {
      await flag.strategy("0");
      const changes = must(await changesOf());
      proxy.rule = () => reply;
      expect((await write(changes)).kind).toBe("unknown");
      expect((await write([killOf(changes)])).kind).toBe("unknown");
      const fields = changes.map(({ field }) => field);
      expect((await unleash.read(fields, context())).kind).not.toBe("ok");
      expect((await changesOf()).kind).not.toBe("ok");
    });

    it("takes the address that clients of Unleash are given", async () => {
      await flag.strategy("0");
      for (const end of ["/", "/api", "/api/", "/api/admin"]) {
        const at = context({ url: `${proxy.url}${end}` });
        expect(await unleash.permissions(request(), at)).toEqual([]);
      }
    });

    it("says of a flag and of an environment that they do not exist", async () => {
      expect(await unleash.permissions(request({ flag: "nope" }), context())).toEqual([
        expect.stringContaining('no feature named "nope"'),
      ]);
      expect(await unleash.permissions(request(), context({ environment: "prod" }))).toEqual([
        expect.stringContaining("Could not find"),
      ]);
    });

    it("does not carry its token to a server that it was not captured at", async () => {
      await flag.strategy("0");
      const changes = must(await changesOf());
      await using elsewhere = await startFlagProxy(server.url);
      expect(await write(changes, contextFor(elsewhere.url))).toMatchObject({
        kind: "failed",
        why: expect.stringContaining("the connection leads to"),
      });
      expect(elsewhere.seen).toEqual([]);
    });

    it("refuses a share that Unleash would keep and not understand", async () => {
      await flag.strategy("0");
      expect(await changesOf({}, 0.5)).toMatchObject({ kind: "failed" });
      expect(await changesOf({ share: "5%" }, 5)).toMatchObject({ kind: "failed" });
      expect(await changesOf({}, null)).toMatchObject({ kind: "failed" });
    });
  });
});

/** A personal token of a new user with a root role: 2 edits, 3 views. */
async function tokenOf(rootRole: number): Promise<string> {
  count += 1;
  const username = `user-${count}`;
  const password = "correct-Horse-battery-5taple";
  await server.ask("POST", "/api/admin/user-admin", {
    username,
    password,
    rootRole,
    sendEmail: false,
  });
  const login = await fetch(`${server.url}/auth/simple/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username, password }),
  });
  expect(login.status).toBe(200);
  const cookie = login.headers
    .getSetCookie()
    .map((each) => each.split(";")[0])
    .join("; ");
  // The server takes up a new session, and a new token, a moment later.
  const secret = await eventually(
    async () => {
      const made = await fetch(`${server.url}/api/admin/user/tokens`, {
        method: "POST",
        headers: { "content-type": "application/json", cookie },
        body: JSON.stringify({ description: username, expiresAt: "2099-01-01T00:00:00.000Z" }),
      });
      return ((await made.json()) as { secret?: string }).secret ?? "";
    },
    (each) => each !== "",
  );
  await expect.poll(() => server.ask("GET", "/api/admin/user", undefined, secret)).toBeTruthy();
  return secret;
}

function killOf(changes: readonly Change[]): Change {
  const [first] = changes;
  if (first === undefined) throw new Error("nothing to kill");
  return { field: first.field, value: { present: true, value: "off, 0" } };
}
