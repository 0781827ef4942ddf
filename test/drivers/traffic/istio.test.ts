import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import type { Change } from "../../../src/core/field.ts";
import { istio } from "../../../src/drivers/traffic/istio.ts";
import {
  clusterForTest,
  describeCluster,
  installCrd,
  type TestCluster,
} from "../../support/cluster.ts";
import { kubeContract } from "../../support/kube-contract.ts";
import { startKubeWorld, type KubeWorld } from "../../support/kube-world.ts";
import { must } from "../../support/must.ts";

interface Route {
  readonly name?: string;
  readonly match?: readonly { readonly headers?: unknown; readonly uri?: { prefix: string } }[];
  readonly route: readonly {
    readonly destination: { readonly host: string; readonly subset?: string };
    readonly weight?: number;
  }[];
}

const both = (stable: number, canary: number): Route["route"] => [
  { destination: { host: "shop", subset: "v1" }, weight: stable },
  { destination: { host: "shop", subset: "v2" }, weight: canary },
];
const api = { match: [{ uri: { prefix: "/api" } }], route: both(100, 0), timeout: "5s" };
const admin = {
  match: [{ uri: { prefix: "/admin" } }],
  route: [{ destination: { host: "admin" } }],
};
const rest = { route: both(100, 0), retries: { attempts: 3 } };

function virtualService(http: readonly object[]): object {
  return {
    apiVersion: "networking.istio.io/v1beta1",
    kind: "VirtualService",
    metadata: { name: "shop" },
    spec: { hosts: ["shop"], gateways: ["mesh", "istio-system/public"], http },
  };
}

async function installIstio(cluster: TestCluster): Promise<void> {
  await installCrd(cluster, "istio-virtualservices", "virtualservices.networking.istio.io");
}

function request(share: number | null, more: object = {}) {
  const input = istio.input.parse({ virtualService: "shop", canary: { subset: "v2" }, ...more });
  return { input, share, connectionName: "cluster" };
}

async function http(world: KubeWorld): Promise<readonly Route[]> {
  const { spec } = (await world.object("virtualservice/shop")) as {
    spec: { http: readonly Route[] };
  };
  return spec.http;
}

/** What a route does with requests: who is asked for, and the weights of both versions. */
function line({ match = [], route }: Route): string {
  const asked = match.map(({ uri, headers }) =>
    [uri?.prefix ?? "*", ...(headers === undefined ? [] : [JSON.stringify(headers)])].join(" "),
  );
  return `${asked.join(" or ") || "*"}: ${route.map(({ weight }) => weight ?? "-").join("/")}`;
}

describeCluster("traffic through a VirtualService of Istio", () => {
  let world: KubeWorld;
  beforeAll(async () => {
    await installIstio(await clusterForTest());
  });
  beforeEach(async () => {
    world = await startKubeWorld(await clusterForTest(), [virtualService([api, admin, rest])]);
  });
  afterEach(() => world[Symbol.asyncDispose]());

  const apply = async (share: number, more: object = {}): Promise<readonly Change[]> => {
    const changes = must(await istio.changes(request(share, more), world.context()));
    must(await istio.write(changes, world.context()));
    return changes;
  };
  const undoTo = async (undo: readonly Change[]): Promise<void> => {
    must(await istio.write(undo, world.context()));
    must(
      await istio.release!(
        undo.map(({ field }) => field),
        world.context(),
      ),
    );
  };
  const captured = async (more: object = {}): Promise<readonly Change[]> => {
    const changes = must(await istio.changes(request(1, more), world.context()));
    const fields = changes.map(({ field }) => field);
    const readings = must(await istio.read(fields, world.context()));
    return readings.map(({ field, value }) => ({ field, value }));
  };

  it("sets every share in each route that has both versions, and goes back byte for byte", async () => {
    const before = await world.spec("virtualservice/shop");
    const undo = await captured();
    for (const [share, weights] of [
      [0.5, "995/5"],
      [25, "75/25"],
      [100, "0/100"],
    ] as const) {
      await apply(share);
      expect((await http(world)).map(line)).toEqual([
        `/api: ${weights}`,
        "/admin: -",
        `*: ${weights}`,
      ]);
    }
    expect(undo.map(({ field }) => field.label)).toEqual([
      "virtualservice/shop weight of shop (v2) in the rule of /api",
      "virtualservice/shop weight of shop (v1) in the rule of /api",
      "virtualservice/shop weight of shop (v2) in the rule of /",
      "virtualservice/shop weight of shop (v1) in the rule of /",
    ]);
    await undoTo(undo);
    expect(await world.spec("virtualservice/shop")).toBe(before);
  });

  it("puts routes right before the one they stand for, where the first that matches wins, and takes them away again", async () => {
    const routes = [
      { header: { "X-Team": ["core", "web"] }, share: "100%" },
      { cookie: { beta: "yes" }, share: "50%" },
    ];
    const before = await world.spec("virtualservice/shop");
    const undo = await captured({ routes });
    await apply(10, { routes });
    const cookie = '{"cookie":{"regex":"^(.*; *)?beta=yes(;.*)?$"}}';
    const expected = (stage: string, beta: string): readonly string[] => [
      `/api {"x-team":{"exact":"core"}} or /api {"x-team":{"exact":"web"}}: 0/100`,
      `/api ${cookie}: ${beta}`,
      `/api: ${stage}`,
      "/admin: -",
      `* {"x-team":{"exact":"core"}} or * {"x-team":{"exact":"web"}}: 0/100`,
      `* ${cookie}: ${beta}`,
      `*: ${stage}`,
    ];
    expect((await http(world)).map(line)).toEqual(expected("90/10", "50/50"));
    expect((await http(world))[0]).toMatchObject({ timeout: "5s" });
    expect((await http(world))[4]).toMatchObject({ retries: { attempts: 3 } });
    await apply(80, { routes });
    expect((await http(world)).map(line)).toEqual(expected("20/80", "20/80"));
    await undoTo(undo);
    expect(await world.spec("virtualservice/shop")).toBe(before);
  });

  it("takes away what it added and leaves what others added beside it", async () => {
    const routes = [{ header: { "x-team": "core" }, share: "100%" }];
    const undo = await captured({ routes });
    await apply(10, { routes });
    const op = { op: "add", path: "/spec/http/0", value: { name: "theirs", ...admin } };
    await world.run(["patch", "virtualservice/shop", "--type=json", `-p=${JSON.stringify([op])}`]);
    await apply(30, { routes });
    await undoTo(undo);
    expect((await http(world)).map(line)).toEqual([
      "/admin: -",
      "/api: 100/0",
      "/admin: -",
      "*: 100/0",
    ]);
  });

  it("makes a weight absent again that was not written before", async () => {
    const bare = rest.route.map(({ destination }) => ({ destination }));
    const op = { op: "replace", path: "/spec/http/2/route", value: bare };
    await world.run(["patch", "virtualservice/shop", "--type=json", `-p=${JSON.stringify([op])}`]);
    const before = await world.spec("virtualservice/shop");
    const undo = await captured();
    await apply(10);
    await undoTo(undo);
    expect(await world.spec("virtualservice/shop")).toBe(before);
  });

  it("refuses the write of an epoch that was superseded", async () => {
    const stale = must(await istio.changes(request(50), world.context({ epoch: 1 })));
    must(
      await istio.fence!(
        stale.map(({ field }) => field),
        world.context({ epoch: 2 }),
      ),
    );
    expect(await istio.write(stale, world.context({ epoch: 1 }))).toMatchObject({
      kind: "refused",
    });
    expect((await http(world)).map(line)).toEqual(["/api: 100/0", "/admin: -", "*: 100/0"]);
  });

  it("tells before the rollout which destinations there are, and where a share makes no sense", async () => {
    const problems = async (more: object = {}): Promise<readonly string[]> =>
      istio.permissions(request(5, more), world.context());
    expect(await problems()).toEqual([]);
    expect(await problems({ canary: "other" })).toEqual([
      "virtualservice/shop sends only to shop (v1), shop (v2), admin: add other with weight 0 to its route",
    ]);
    expect(await problems({ canary: "shop" })).toEqual([
      "virtualservice/shop sends to shop (v1), shop (v2) in the rule of /api: a share needs exactly two, the canary and the old version",
    ]);
    expect(await problems({ virtualService: "nope" })).toEqual([
      `there is no virtualservices/nope in namespace ${world.namespace}`,
    ]);
  });
});

describe("the input of istio", () => {
  it("asks for a host or a subset", () => {
    const parsed = istio.input.safeParse({ virtualService: "shop", canary: {} });
    expect(parsed.error?.issues.map(({ message }) => message)).toEqual([
      "name the `host` or the `subset` of the new version",
    ]);
  });

  it("previews what it does", () => {
    const routes = [{ header: { a: "b" }, share: "5%" }];
    expect(istio.preview(request(25, { routes }))[0]).toEqual({
      does: "kubectl patch virtualservice shop --type=json: weight of subset v2 = 25, with its routes",
      undo: "kubectl patch virtualservice shop --type=json: weight of subset v2 = <the weights before>, without the routes",
    });
  });
});

describeCluster("against a real API server", () => {
  kubeContract({
    driver: istio,
    request: request(5),
    other: request(25),
    foreign: { present: true, value: 77 },
    crd: installIstio,
    make: [virtualService([api, rest])],
    truth: async (world) => {
      const weight = (await http(world))[0]?.route[1]?.weight;
      return weight === undefined ? { present: false } : { present: true, value: weight };
    },
    setLive: async (world, value) => {
      const path = "/spec/http/0/route/1/weight";
      const op = value.present ? { op: "add", path, value: value.value } : { op: "remove", path };
      await world.run([
        "patch",
        "virtualservice/shop",
        "--type=json",
        `-p=${JSON.stringify([op])}`,
      ]);
    },
  });
});
