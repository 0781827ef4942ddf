import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { traefik } from "../../../src/drivers/traffic/traefik.ts";
import {
  clusterForTest,
  describeCluster,
  installCrd,
  type TestCluster,
} from "../../support/cluster.ts";
import { kubeContract } from "../../support/kube-contract.ts";
import { startKubeWorld, type KubeWorld } from "../../support/kube-world.ts";
import { must } from "../../support/must.ts";
import { applied, captured, undone } from "../../support/there-and-back.ts";

interface Weighted {
  readonly services: readonly { readonly name: string; readonly weight?: number }[];
  readonly sticky?: unknown;
}

const service = (name: string, more: object = {}): object => ({ name, port: 80, ...more });
const shop = traefikService("shop", {
  weighted: {
    services: [
      service("shop", { weight: 3, passHostHeader: true }),
      service("shop-canary", { weight: 0 }),
    ],
  },
});

function traefikService(name: string, spec: object): object {
  return { apiVersion: "traefik.io/v1alpha1", kind: "TraefikService", metadata: { name }, spec };
}

async function installTraefik(cluster: TestCluster): Promise<void> {
  await installCrd(cluster, "traefik-traefikservices", "traefikservices.traefik.io");
}

function request(share: number | null, more: object = {}) {
  const input = traefik.input.parse({ service: "shop", canary: "shop-canary", ...more });
  return { input, share, connectionName: "cluster" };
}

async function weighted(world: KubeWorld): Promise<Weighted> {
  const { spec } = (await world.object("traefikservice/shop")) as { spec: { weighted: Weighted } };
  return spec.weighted;
}

async function weights(world: KubeWorld): Promise<string> {
  return (await weighted(world)).services.map(({ weight }) => weight ?? "-").join("/");
}

async function patch(world: KubeWorld, op: object): Promise<void> {
  const text = `--patch=${JSON.stringify([op])}`;
  await world.run(["patch", "traefikservice/shop", "--type=json", text]);
}

describeCluster("traffic through a TraefikService", () => {
  let world: KubeWorld;
  beforeAll(async () => {
    await installTraefik(await clusterForTest());
  });
  beforeEach(async () => {
    world = await startKubeWorld(await clusterForTest(), [
      shop,
      traefikService("mirror", { mirroring: { name: "shop", port: 80 } }),
    ]);
  });
  afterEach(() => world[Symbol.asyncDispose]());

  it("sets every share and goes back byte for byte, also to no weight", async () => {
    await patch(world, { op: "remove", path: "/spec/weighted/services/1/weight" });
    const before = await world.spec("traefikservice/shop");
    const undo = await captured(traefik, request(1), world);
    for (const [share, expected] of [
      [0, "100/0"],
      [0.5, "995/5"],
      [100, "0/100"],
    ] as const) {
      await applied(traefik, request(share), world);
      expect(await weights(world)).toBe(expected);
    }
    await undone(traefik, undo, world);
    expect(await world.spec("traefikservice/shop")).toBe(before);
  });

  it("keeps users on their version by a cookie for the rollout, and no longer", async () => {
    const sticky = { cookie: "shop-version", for: "24h" };
    const before = await world.spec("traefikservice/shop");
    const undo = await captured(traefik, request(1, { sticky }), world);
    await applied(traefik, request(10, { sticky }), world);
    expect((await weighted(world)).sticky).toEqual({
      cookie: { name: "shop-version", maxAge: 86_400, httpOnly: true },
    });
    await undone(traefik, undo, world);
    expect(await world.spec("traefikservice/shop")).toBe(before);
  });

  it("writes to the services by their names, wherever they stand by then", async () => {
    const undo = await captured(traefik, request(1), world);
    const [first, second] = (await weighted(world)).services;
    await patch(world, { op: "replace", path: "/spec/weighted/services", value: [second, first] });
    await applied(traefik, request(10), world);
    expect(await weights(world)).toBe("10/90");
    await undone(traefik, undo, world);
    expect(await weights(world)).toBe("0/3");
  });

  it("refuses the write of an epoch that was superseded", async () => {
    const stale = must(await traefik.changes(request(50), world.context({ epoch: 1 })));
    const fields = stale.map(({ field }) => field);
    must(await traefik.fence!(fields, world.context({ epoch: 2 })));
    expect(await traefik.write(stale, world.context({ epoch: 1 }))).toMatchObject({
      kind: "refused",
    });
    expect(await weights(world)).toBe("3/0");
  });

  it("tells before the rollout where a share makes no sense", async () => {
    const problems = async (more: object = {}): Promise<readonly string[]> =>
      traefik.permissions(request(5, more), world.context());
    expect(await problems()).toEqual([]);
    expect(await problems({ canary: "other" })).toEqual([
      "traefikservice/shop sends only to shop, shop-canary: add other with weight 0 to its services",
    ]);
    expect(await problems({ service: "mirror" })).toEqual([
      "traefikservice/mirror weighs nothing: its spec has no `weighted`",
    ]);
    await patch(world, { op: "add", path: "/spec/weighted/services/-", value: service("third") });
    expect(await problems()).toEqual([
      "traefikservice/shop sends to shop, shop-canary, third: a share needs exactly two, shop-canary and the old version",
    ]);
  });
});

describe("the input of traefik", () => {
  it("takes a cookie and how long it is kept", () => {
    const problems = (sticky: object): string =>
      traefik.input
        .safeParse({ service: "shop", canary: "c", sticky })
        .error?.issues.map(({ message }) => message)
        .join() ?? "";
    expect(problems({ cookie: "a b", for: "1h" })).toBe("this is not the name of a cookie");
    expect(problems({ cookie: "a", for: 5 })).toBe(
      "write a duration with its unit, like 30s or 5m",
    );
  });

  it("previews what it does", () => {
    const sticky = { cookie: "shop-version", for: "24h" };
    expect(traefik.preview(request(25, { sticky }))[0]).toEqual({
      does: "kubectl patch traefikservice shop --type=json: weight of shop-canary = 25, kept by the cookie shop-version",
      undo: "kubectl patch traefikservice shop --type=json: weight of shop-canary = <the weights before>, and its stickiness before",
    });
  });
});

describeCluster("against a real API server", () => {
  kubeContract({
    driver: traefik,
    request: request(5),
    other: request(25),
    foreign: { present: true, value: 77 },
    crd: installTraefik,
    make: [shop],
    truth: async (world) => {
      const weight = (await weighted(world)).services[1]?.weight;
      return weight === undefined ? { present: false } : { present: true, value: weight };
    },
    setLive: async (world, value) => {
      const path = "/spec/weighted/services/1/weight";
      await patch(
        world,
        value.present ? { op: "add", path, value: value.value } : { op: "remove", path },
      );
    },
  });
});
