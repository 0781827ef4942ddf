import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Change } from "../../../src/core/field.ts";
import { http } from "../../../src/drivers/actions/http.ts";
import { builtInDrivers } from "../../../src/drivers/registry.ts";
import { loadPlan } from "../../../src/plan/load-plan.ts";
import { contractOfActionDriver } from "../../support/contract-action-driver.ts";
import { contractOfCallDriver } from "../../support/contract-call-driver.ts";
import { contractOfFlagService } from "../../support/contract-flag-service.ts";
import { startDescribedService } from "../../support/described-service.ts";
import { driverContext } from "../../support/driver-context.ts";
import { startLoopbackServer } from "../../support/loopback-server.ts";
import { must } from "../../support/must.ts";
import { startRestWorld, type RestWorld } from "../../support/rest-world.ts";

const requestOf = (input: unknown, share: number | null = null) => ({
  input: http.input.parse(input),
  share,
  connectionName: "shop",
});

function deploy(image: string): unknown {
  return {
    PUT: "/deploy/canary",
    json: { image },
    read: { GET: "/deploy/canary", json: "image" },
    delete: { DELETE: "/deploy/canary" },
  };
}

contractOfActionDriver("http with a read", async () => {
  const world = await startRestWorld();
  world.things.set("/deploy/canary", { image: "shop:1", replicas: 2 });
  return {
    driver: http,
    request: requestOf(deploy("shop:2")),
    other: requestOf(deploy("shop:3")),
    foreign: { present: true, value: "shop:theirs" },
    context: (signal) =>
      driverContext({ signal, connection: { url: world.url, bearer: "kept-to-itself" } }),
    secret: "kept-to-itself",
    truth() {
      const thing = world.things.get("/deploy/canary");
      return Promise.resolve(
        thing === undefined
          ? { present: false }
          : { present: true, value: thing["image"] as string },
      );
    },
    setLive(value) {
      if (value.present) world.things.set("/deploy/canary", { image: value.value });
      else world.things.delete("/deploy/canary");
      return Promise.resolve();
    },
    writes: () => Promise.resolve(world.seen.filter(({ method }) => method !== "GET").length),
    break: {
      hang: () => Promise.resolve(void (world.weather = "hangs")),
      fail: () => Promise.resolve(void (world.weather = "fails")),
      refuse: () => Promise.resolve(void (world.weather = "forbids")),
      ignoreWrites: () => Promise.resolve(void (world.weather = "ignores writes")),
    },
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
});

contractOfFlagService({
  driver: http,
  input: {
    PUT: "/flags/checkout",
    json: { percentage: "${traffic}" },
    read: { GET: "/flags/checkout", json: "percentage" },
  },
  connection: {},
  described: true,
  start: startDescribedService,
});

describe("an http action with a read", () => {
  let world: RestWorld;
  beforeEach(async () => {
    world = await startRestWorld();
    world.things.set("/router", { canary: 0 });
  });
  afterEach(() => world[Symbol.asyncDispose]());
  const context = () => driverContext({ connection: { url: world.url } });

  it("shifts traffic where its JSON says ${traffic}, and undoes to the value before", async () => {
    const router = {
      PUT: "/router",
      json: { canary: "${traffic}" },
      read: { GET: "/router", json: "canary" },
    };
    const request = requestOf(router, 5);
    expect(http.preview(request)[0]?.does).toBe('PUT /router {"canary":5}');
    const changes = must(await http.changes(request, context()));
    expect(changes[0]?.value).toEqual({ present: true, value: 5 });
    const later = must(await http.changes(requestOf(router, 50), context()));
    expect(later[0]?.field.key).toBe(changes[0]?.field.key);
    const baseline = must(
      await http.read(
        changes.map(({ field }) => field),
        context(),
      ),
    );
    must(await http.write(changes, context()));
    expect(world.things.get("/router")).toEqual({ canary: 5 });
    must(await http.write(JSON.parse(JSON.stringify(baseline)) as Change[], context()));
    expect(world.things.get("/router")).toEqual({ canary: 0 });
  });

  it("puts the value where the request says ${value}, also into the address", async () => {
    world.things.set("/weights?to=a%2Fb", {});
    const input = {
      POST: "/weights?to=${value}",
      value: "a/b",
      read: { GET: "/router", json: "canary" },
    };
    const changes = must(await http.changes(requestOf(input), context()));
    must(await http.write(changes, context()));
    expect(world.seen.at(-1)).toMatchObject({ method: "POST", path: "/weights?to=a%2Fb" });
  });

  it("goes to the repository of a github connection, with its token", async () => {
    await using api = await startLoopbackServer(({ headers, path }) => ({
      status: headers.authorization === "Bearer ghp" ? 200 : 401,
      body: JSON.stringify({ value: path }),
    }));
    const connection = { url: `${api.url}/`, repo: "acme/shop", token: "ghp", ref: "v1" };
    const freeze = {
      PATCH: "/actions/variables/FREEZE",
      json: { value: "canary" },
      read: { GET: "/actions/variables/FREEZE", json: "value" },
    };
    const there = driverContext({ connection });
    const [change] = must(await http.changes(requestOf(freeze), there));
    if (change === undefined) throw new Error("nothing to change");
    const [before] = must(await http.read([change.field], there));
    const path = "/repos/acme/shop/actions/variables/FREEZE";
    expect(before?.value).toEqual({ present: true, value: path });
    must(await http.write([change], there));
    expect(api.seen.at(-1)).toMatchObject({ method: "PATCH", path, body: '{"value":"canary"}' });
  });

  it("goes there only where the plan names it: the rollout may be told to GitHub alone", () => {
    const plan = (connection: string): string => `apiVersion: canary/v1
kind: Plan
name: two
connections:
  shop: { type: http, url: "http://shop" }
  hub: { type: github, repo: acme/shop, token: "\${env:T}", ref: v1 }
checks: { fine: { http: /healthz } }
traffic: [{ http: { ${connection}PUT: /router, json: { canary: "\${traffic}" }, read: { GET: /router, json: canary } } }]
stages: [{ name: all, traffic: 100%, checks: [fine] }]
on: { promoted: [{ to: hub }] }
rollback: { verify: { within: 1m, checks: [fine] } }
`;
    const used = (connection: string): unknown => {
      const loaded = loadPlan(
        { path: "p.yaml", text: plan(connection) },
        { catalog: builtInDrivers(), set: {}, useExamples: true },
      );
      expect(loaded.diagnostics).toEqual([]);
      return loaded.plan?.stages[0]?.actions.map((action) => action.connection);
    };
    expect(used("")).toEqual(["shop"]);
    expect(used("connection: hub, ")).toEqual(["hub"]);
  });

  it("does not take a login page for a value", async () => {
    await using login = await startLoopbackServer(() => ({ status: 200, body: "<html>" }));
    const there = driverContext({ connection: { url: login.url } });
    const changes = must(await http.changes(requestOf(deploy("shop:2")), there));
    const fields = changes.map(({ field }) => field);
    expect(await http.read(fields, there)).toMatchObject({
      kind: "unknown",
      why: expect.stringContaining("did not answer JSON: <html>"),
    });
    expect((await http.permissions(requestOf(deploy("shop:2")), there)).length).toBe(1);
  });

  it.each([
    [{ GET: "/x", read: { GET: "/x", json: "a" } }, "a GET changes nothing"],
    [{ PUT: "/x", json: { b: 1 }, read: { GET: "/x", json: "a" } }, "sends nothing at"],
    [{ PUT: "/x", json: { a: "${value}" }, read: { GET: "/x", json: "a" } }, "`value` is missing"],
    [{ PUT: "/x", json: { a: 1 }, value: 1, read: { GET: "/x", json: "a" } }, "does not say"],
    [{ PUT: "/x", json: { a: 1 }, value: 1 }, "belong to an action with `read`"],
    [
      { PUT: "/x", json: { a: "${env:KEY}" }, read: { GET: "/x", json: "a" } },
      "the value is a secret",
    ],
    [{ PUT: "/x", json: {}, body: "" }, "both `json` and `body`"],
    [{ json: {} }, "no method"],
    [{ PUT: "/x", jsn: {} }, "jsn"],
  ])("refuses %j", (input: unknown, words: string) => {
    const parsed = http.input.safeParse(input);
    expect(parsed.success).toBe(false);
    expect(JSON.stringify(parsed.error?.issues)).toContain(words);
  });
});

contractOfCallDriver("http without a read", async () => {
  let reply: "fine" | "hangs" | "fails" = "fine";
  const server = await startLoopbackServer(() => {
    if (reply === "hangs") return null;
    return reply === "fine" ? { status: 201, body: "{}" } : { status: 503, body: "out of order" };
  });
  let gone = false;
  return {
    driver: http,
    request: requestOf({ POST: "/keys", json: { label: "canary" }, bearer: "${env:TOKEN}" }),
    context: (signal) =>
      driverContext({
        signal,
        connection: { url: server.url, header: { "x-api-key": "kept-to-itself" } },
        references: { "env:TOKEN": "kept-to-itself" },
      }),
    calls: () => Promise.resolve(server.seen.length),
    secret: "kept-to-itself",
    break: {
      hang: () => Promise.resolve(void (reply = "hangs")),
      fail: () => Promise.resolve(void (reply = "fails")),
      async vanish() {
        gone = true;
        await server[Symbol.asyncDispose]();
      },
    },
    async [Symbol.asyncDispose]() {
      if (!gone) await server[Symbol.asyncDispose]();
    },
  };
});

describe("an http action without a read", () => {
  const answer = { status: 200, body: '{"key_id":"k1"}', headers: {} as Record<string, string> };
  const call = async (
    input: object,
    replies: (typeof answer)[] | "cut" | null,
    parts: Parameters<typeof driverContext>[0] = {},
  ) => {
    await using server = await startLoopbackServer(() =>
      Array.isArray(replies) ? (replies.shift() ?? "cut") : replies,
    );
    const context = driverContext({ connection: { url: server.url }, ...parts });
    const result = await http.call(requestOf({ POST: "/keys", ...input }), context);
    return { result, seen: server.seen };
  };

  it("is one call, and gives back the answer for outputs", async () => {
    const input = { json: { label: "canary ${rollout.id}" }, bearer: "${env:TOKEN}" };
    const references = { "rollout.id": "r1", "env:TOKEN": "t" };
    const { result, seen } = await call(input, [answer], { references });
    expect(http.style(http.input.parse({ POST: "/keys" }))).toBe("call");
    expect(result).toEqual({ kind: "ok", value: { body: { key_id: "k1" } } });
    expect(seen[0]).toMatchObject({ body: '{"label":"canary r1"}' });
    expect(seen[0]?.headers.authorization).toBe("Bearer t");
  });

  it.each([
    [400, "", "failed"],
    [404, "", "failed"],
    [429, "slow down", "failed"],
    [403, "not yours", "failed"],
    [403, "PermissionError(SKIP_CHANGE_REQUEST)", "approval"],
    [405, "approval is required", "approval"],
    [408, "", "unknown"],
    [302, "", "unknown"],
    [500, "", "unknown"],
    [502, "<html>", "unknown"],
  ])("takes %i %j for %s, and sends once", async (status, body, kind) => {
    const { result, seen } = await call({}, [{ ...answer, status, body }]);
    expect(result).toMatchObject({ kind, why: expect.stringContaining(`answered ${status}`) });
    expect(seen.length).toBe(1);
  });

  it("tells how long to wait, and takes another status where the plan expects it", async () => {
    const slow = { ...answer, status: 429, headers: { "retry-after": "30" } };
    expect((await call({}, [slow])).result).toMatchObject({
      why: expect.stringContaining("answered 429 (retry after 30 s)"),
    });
    const gone = { ...answer, status: 404, body: "" };
    expect((await call({ expect: { status: [200, 404] } }, [gone])).result).toEqual({
      kind: "ok",
      value: { body: null },
    });
    expect((await call({ expect: { status: 201 } }, [answer])).result.kind).toBe("unknown");
  });

  it("is unknown when the connection is cut, and failed when nothing was sent", async () => {
    expect((await call({}, "cut")).result.kind).toBe("unknown");
    const nowhere = { connection: { url: "http://127.0.0.1:1" } };
    expect((await call({}, null, nowhere)).result.kind).toBe("failed");
    expect((await call({ bearer: "${env:NONE}" }, null)).result).toMatchObject({ kind: "failed" });
  });

  it("refuses an address with a password in it, and a path without a connection", async () => {
    const { result } = await call({ POST: "http://me:secret@127.0.0.1/keys" }, null);
    expect(result).toMatchObject({ kind: "failed", why: expect.stringContaining("move them") });
    const bare = await call({}, null, { connection: {} });
    expect(bare.result).toMatchObject({ why: expect.stringContaining("only a path") });
  });
});
