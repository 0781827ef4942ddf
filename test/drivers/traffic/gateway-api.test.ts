import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import type { Change, FieldValue } from "../../../src/core/field.ts";
import { gatewayApi } from "../../../src/drivers/traffic/gateway-api.ts";
import { clusterForTest, describeCluster } from "../../support/cluster.ts";
import { kubeContract } from "../../support/kube-contract.ts";
import { startKubeWorld, type KubeWorld } from "../../support/kube-world.ts";
import { must } from "../../support/must.ts";
import { gatewaySays, httpRoute, installHttpRoute, prefix, SHOP } from "./http-route.ts";

interface Rule {
  readonly name?: string;
  readonly matches: readonly { path: { value: string }; headers?: readonly unknown[] }[];
  readonly backendRefs: readonly { readonly name: string; readonly weight: number }[];
}

function request(share: number | null, more: object = {}) {
  const input = gatewayApi.input.parse({ route: "shop", canary: "shop-canary", ...more });
  return { input, share, connectionName: "cluster" };
}

async function rules(world: KubeWorld): Promise<readonly Rule[]> {
  const { spec } = (await world.object("httproute/shop")) as { spec: { rules: readonly Rule[] } };
  return spec.rules;
}

const absent: FieldValue = { present: false };

function weights(rule: Rule | undefined): Record<string, number> {
  return Object.fromEntries((rule?.backendRefs ?? []).map(({ name, weight }) => [name, weight]));
}

function undo(changes: readonly Change[], before: readonly FieldValue[]): readonly Change[] {
  return changes.map(({ field }, index) => ({ field, value: before[index] ?? { present: false } }));
}

const api = { matches: [prefix("/api")], backendRefs: SHOP, timeouts: { request: "5s" } };
const admin = { matches: [prefix("/admin")], backendRefs: [{ name: "admin", port: 80 }] };
const rest = { matches: [prefix("/")], backendRefs: SHOP };

describeCluster("traffic through an HTTPRoute of the Gateway API", () => {
  let world: KubeWorld;
  beforeAll(async () => {
    await installHttpRoute(await clusterForTest());
  });
  beforeEach(async () => {
    world = await startKubeWorld(await clusterForTest(), [httpRoute([api, admin, rest])]);
    await gatewaySays(world);
  });
  afterEach(() => world[Symbol.asyncDispose]());

  const apply = async (share: number, more: object = {}): Promise<readonly Change[]> => {
    const changes = must(await gatewayApi.changes(request(share, more), world.context()));
    must(await gatewayApi.write(changes, world.context()));
    return changes;
  };
  const baseline = async (more: object = {}): Promise<readonly FieldValue[]> => {
    const changes = must(await gatewayApi.changes(request(1, more), world.context()));
    const fields = changes.map(({ field }) => field);
    const readings = must(await gatewayApi.read(fields, world.context()));
    return readings.map(({ value }) => value);
  };

  it("sets every share in each rule that has both versions, and goes back byte for byte", async () => {
    const before = await world.spec("httproute/shop");
    const values = await baseline();
    let changes: readonly Change[] = [];
    for (const [share, canary, stable] of [
      [0.5, 5, 995],
      [25, 25, 75],
      [100, 100, 0],
    ] as const) {
      changes = await apply(share);
      const [first, second, third] = await rules(world);
      expect(weights(first)).toEqual({ shop: stable, "shop-canary": canary });
      expect(weights(second)).toEqual({ admin: 1 });
      expect(weights(third)).toEqual({ shop: stable, "shop-canary": canary });
    }
    expect(changes.map(({ field }) => field.label)).toContain(
      "httproute/shop weight of shop-canary in the rule of /api",
    );
    must(await gatewayApi.write(undo(changes, values), world.context()));
    must(
      await gatewayApi.release!(
        changes.map(({ field }) => field),
        world.context(),
      ),
    );
    expect(await world.spec("httproute/shop")).toBe(before);
  });

  it("sends requests with a header to the canary by their own share, which the stage's lifts, and takes the rules away again", async () => {
    const routes = [
      { header: { "X-Team": ["core", "web"] }, share: "100%" },
      { cookie: { beta: "yes" }, share: "50%" },
    ];
    const before = await world.spec("httproute/shop");
    const values = await baseline({ routes });
    await apply(10, { routes });
    const found = await rules(world);
    expect(found.map(({ matches }) => matches.map(({ path }) => path.value).join())).toEqual([
      "/api",
      "/admin",
      "/",
      "/api,/api",
      "/api",
      "/,/",
      "/",
    ]);
    const [, , , team, beta] = found;
    expect(team?.matches.map(({ headers }) => headers)).toEqual([
      [{ name: "x-team", type: "Exact", value: "core" }],
      [{ name: "x-team", type: "Exact", value: "web" }],
    ]);
    expect(team).toMatchObject({ timeouts: { request: "5s" } });
    expect(weights(team)).toEqual({ shop: 0, "shop-canary": 100 });
    expect(weights(beta)).toEqual({ shop: 50, "shop-canary": 50 });
    const changes = await apply(80, { routes });
    expect((await rules(world)).map((rule) => weights(rule)["shop-canary"])).toEqual([
      80,
      undefined,
      80,
      100,
      80,
      100,
      80,
    ]);
    must(await gatewayApi.write(undo(changes, values), world.context()));
    must(
      await gatewayApi.release!(
        changes.map(({ field }) => field),
        world.context(),
      ),
    );
    expect(await world.spec("httproute/shop")).toBe(before);
  });

  it("finds the rules again when others were added before them, and none that was rewritten", async () => {
    const undo = await baseline();
    const changes = await apply(10);
    const patch = async (op: object): Promise<unknown> =>
      world.run(["patch", "httproute/shop", "--type=json", `--patch=${JSON.stringify([op])}`]);
    const canary = async (): Promise<readonly (number | undefined)[]> =>
      (await rules(world)).map((rule) => weights(rule)["shop-canary"]);
    await patch({ op: "add", path: "/spec/rules/0", value: { ...admin, matches: [prefix("/x")] } });
    await apply(20);
    expect(await canary()).toEqual([undefined, 20, undefined, 20]);
    await patch({ op: "replace", path: "/spec/rules/1/matches/0/path/value", value: "/api/v2" });
    const answer = await gatewayApi.write(changes, world.context());
    expect(answer).toMatchObject({ kind: "failed" });
    expect(answer.kind === "ok" ? "" : answer.why).toMatch(
      /there is no spec.rules\[matches~\w{8}\]/u,
    );
    expect(await canary()).toEqual([undefined, 20, undefined, 20]);
    // On the way back the rule that is still there does not wait for the one that is not.
    const back = changes.map(({ field }, index) => ({ field, value: undo[index] ?? absent }));
    must(await gatewayApi.write(back, world.context()));
    expect(await canary()).toEqual([undefined, 20, undefined, 0]);
    const gone = back.filter(({ field }) => field.label.includes("/api"));
    expect(gone).toHaveLength(2);
    expect(await gatewayApi.write(gone, world.context())).toMatchObject({ kind: "failed" });
  });

  it("refuses the write of an epoch that was superseded, and one that still tests what was there before", async () => {
    const stale = must(await gatewayApi.changes(request(50), world.context({ epoch: 1 })));
    const fields = stale.map(({ field }) => field);
    must(await gatewayApi.fence!(fields, world.context({ epoch: 2 })));
    expect(await gatewayApi.write(stale, world.context({ epoch: 1 }))).toMatchObject({
      kind: "refused",
    });
    expect(weights((await rules(world))[0])).toEqual({ shop: 100, "shop-canary": 0 });
  });

  it("waits until the gateway has taken up the weights, and tells when it refuses them", async () => {
    const changes = await apply(10);
    const cut = new AbortController();
    const settling = gatewayApi.settle(changes, world.context({ signal: cut.signal }));
    cut.abort();
    expect(await settling).toMatchObject({ kind: "unknown" });
    await gatewaySays(world);
    expect(await gatewayApi.settle(changes, world.context())).toEqual({ kind: "ok", value: null });
    await gatewaySays(world, { accepted: "False" });
    expect(await gatewayApi.settle(changes, world.context())).toEqual({
      kind: "failed",
      why: "public refuses httproute/shop: NotAllowedByListeners, seen by the test",
    });
  });

  it("tells before the rollout that no gateway serves the route, and which backends it has", async () => {
    const problems = async (more: object = {}): Promise<readonly string[]> =>
      gatewayApi.permissions(request(5, more), world.context());
    expect(await problems()).toEqual([]);
    expect(await problems({ canary: "other" })).toEqual([
      "httproute/shop sends only to shop, shop-canary, admin: add other with weight 0 to the backendRefs of its rule",
    ]);
    expect(await problems({ canary: "admin" })).toEqual([
      "httproute/shop sends to admin in the rule of /admin: a share needs exactly two, the canary and the old version",
    ]);
    await gatewaySays(world, { generation: 0 });
    expect(await problems()).toEqual([
      "public has not taken up httproute/shop yet: does its controller run?",
    ]);
    await gatewaySays(world, { parent: "removed" });
    expect(await problems()).toEqual([
      "no gateway has accepted httproute/shop: its weights shift nothing",
    ]);
    await gatewaySays(world, { accepted: "False" });
    expect(await problems()).toEqual([
      "no gateway has accepted httproute/shop: its weights shift nothing",
    ]);
  });

  it("tells before the rollout what the API server would refuse", async () => {
    const many = Array.from({ length: 70 }, (_, index) => `team-${index}`);
    const routes = [{ header: { "x-team": many }, share: "100%" }];
    const problems = await gatewayApi.permissions(request(5, { routes }), world.context());
    expect(problems.join()).toMatch(/matches.*64/u);
  });
});

describe("the input of gateway-api", () => {
  const lint = (more: object): string =>
    gatewayApi.input
      .safeParse({ route: "shop", canary: "shop-canary", ...more })
      .error?.issues.map(({ message }) => message)
      .join() ?? "";

  it("says what a route lacks", () => {
    expect(lint({ routes: [{ share: "5%" }] })).toBe(
      "say which requests: add `header` or `cookie`",
    );
    expect(lint({ routes: [{ header: { a: "b" }, share: 5 }] })).toBe(
      'a share is written with %: "5%"',
    );
    expect(lint({ routes: [{ header: { a: "b" }, share: "101%" }] })).toContain("from 0% to 100%");
    expect(lint({ routes: [{ header: { a: "${env:TOKEN}" }, share: "1%" }] })).toContain("secret");
    expect(lint({ routes: [{ header: {}, share: "1%" }] })).toBe("name at least one");
    expect(lint({ routes: [{ cookie: { a: "1", b: "2" }, share: "1%" }] })).toBe(
      "a route can ask for one cookie only",
    );
  });

  it("needs a share", async () => {
    expect(gatewayApi.traffic).toBe(true);
    expect(gatewayApi.preview(request(25))[0]?.does).toBe(
      "kubectl patch httproute shop --type=json: weight of shop-canary = 25",
    );
  });
});

describeCluster("against a real API server", () => {
  const inRoute = ["get", "httproute/shop", "-o", "json"];
  kubeContract({
    driver: gatewayApi,
    request: request(5),
    other: request(25),
    foreign: { present: true, value: 77 },
    absence: false,
    crd: installHttpRoute,
    make: [httpRoute([rest])],
    prepare: (world) => gatewaySays(world),
    truth: async (world) => {
      const { spec } = JSON.parse(await world.run(inRoute)) as { spec: { rules: Rule[] } };
      await gatewaySays(world);
      return { present: true, value: weights(spec.rules[0])["shop-canary"] ?? 0 };
    },
    setLive: async (world, value) => {
      const op = {
        op: "replace",
        path: "/spec/rules/0/backendRefs/1/weight",
        value: value.present ? value.value : 0,
      };
      await world.run(["patch", "httproute/shop", "--type=json", `-p=${JSON.stringify([op])}`]);
    },
  });
});
