import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { replicas } from "../../../src/drivers/traffic/replicas.ts";
import { clusterForTest, describeCluster } from "../../support/cluster.ts";
import { kubeContract } from "../../support/kube-contract.ts";
import { startKubeWorld, type KubeWorld } from "../../support/kube-world.ts";
import { must } from "../../support/must.ts";
import { applied, captured, undone } from "../../support/there-and-back.ts";

function deployment(name: string, count: number): object {
  const labels = { app: "shop", version: name };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: {
      replicas: count,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "app", image: "shop:1" }] } },
    },
  };
}

const service = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "shop" },
  spec: { selector: { app: "shop" }, ports: [{ port: 80 }] },
};
const world4 = [service, deployment("shop", 4), deployment("shop-canary", 0)];

function request(share: number | null, more: object = {}) {
  const input = replicas.input.parse({
    ...{ canary: "deployment/shop-canary", stable: "deployment/shop", total: 4, ...more },
  });
  return { input, share, connectionName: "cluster" };
}

async function counts(world: KubeWorld): Promise<string> {
  const all = await world.run([
    "get",
    "deployments",
    "--output=jsonpath={.items[*].spec.replicas}",
  ]);
  return all.split(" ").join("/");
}

async function ready(world: KubeWorld): Promise<void> {
  for (const name of ["shop", "shop-canary"])
    await world.run(["rollout", "status", `deployment/${name}`, "--timeout=60s"]);
}

/** Keeps new Pods of the old version from getting ready: no node has such a label. */
async function starve(world: KubeWorld, starved: boolean): Promise<void> {
  const patch = { spec: { template: { spec: { nodeSelector: starved ? { none: "1" } : null } } } };
  await world.run(["patch", "deployment", "shop", `--patch=${JSON.stringify(patch)}`]);
}

describeCluster("traffic by numbers of replicas", () => {
  let world: KubeWorld;
  beforeEach(async () => {
    world = await startKubeWorld(await clusterForTest(), world4);
    await ready(world);
  });
  afterEach(() => world[Symbol.asyncDispose]());

  it("gives each version its part of the replicas, and goes back byte for byte", async () => {
    const before = await world.spec("deployment/shop");
    const undo = await captured(replicas, request(25), world);
    for (const [share, expected] of [
      [25, "3/1"],
      [100, "0/4"],
      [50, "2/2"],
    ] as const) {
      const changes = await applied(replicas, request(share), world);
      must(await replicas.settle(changes, world.context()));
      expect(await counts(world)).toBe(expected);
    }
    await undone(replicas, undo, world);
    expect(await counts(world)).toBe("4/0");
    expect(await world.spec("deployment/shop")).toBe(before);
  });

  it("never shrinks the version that serves before the other is ready", async () => {
    const undo = await captured(replicas, request(100), world);
    must(await replicas.settle(await applied(replicas, request(100), world), world.context()));
    await starve(world, true);
    const [canary, stable] = undo
      .toSorted((a, b) => a.field.label.localeCompare(b.field.label))
      .toReversed();
    if (canary === undefined || stable === undefined) throw new Error("no undo");
    expect(canary.field.label).toBe("deployment/shop-canary replicas");
    const cut = new AbortController();
    const shrinking = replicas.write([canary], world.context({ signal: cut.signal }));
    must(await replicas.write([stable], world.context()));
    await world.run([
      "wait",
      "--for=condition=Available=false",
      "deployment/shop",
      "--timeout=30s",
    ]);
    expect(await counts(world)).toBe("4/4");
    cut.abort();
    const answer = await shrinking;
    expect(answer).toMatchObject({ kind: "failed" });
    expect(answer.kind === "ok" ? "" : answer.why).toContain(
      "deployment/shop has 0 of the 4 ready replicas that must serve before the other version shrinks",
    );
    await starve(world, false);
    must(await replicas.write([canary], world.context()));
    expect(await counts(world)).toBe("4/0");
  });

  it("takes a failing canary away at once when the old version still has half of its replicas", async () => {
    const undo = await captured(replicas, request(50), world);
    must(await replicas.settle(await applied(replicas, request(50), world), world.context()));
    await starve(world, true);
    await undone(replicas, undo, world);
    expect(await counts(world)).toBe("4/0");
  });

  it("tells before the rollout what shares nothing", async () => {
    const problems = async (share: number, more: object = {}): Promise<readonly string[]> =>
      replicas.permissions(request(share, more), world.context());
    expect(await problems(25)).toEqual([]);
    expect(await problems(10)).toEqual([
      "10 % of 4 replicas is no whole number: use steps of 25 %, or another `total`",
    ]);
    expect(await problems(25, { canary: "deployment/nope" })).toEqual([
      "there is no deployment/nope",
    ]);
    expect(await problems(25, { canary: "deployment/shop" })).toEqual([
      "deployment/shop is named as both versions",
    ]);
    await world.run(["autoscale", "deployment", "shop", "--min=1", "--max=9"]);
    await world.run(["delete", "service", "shop"]);
    expect(await problems(25)).toEqual([
      expect.stringContaining("deployment/shop is scaled by the HorizontalPodAutoscaler shop"),
      "no Service selects the Pods of both deployment/shop-canary and deployment/shop: their numbers of replicas share nothing",
    ]);
  });
});

describe("the input of replicas", () => {
  it("previews both numbers", () => {
    expect(replicas.preview(request(25)).map(({ does }) => does)).toEqual([
      "kubectl scale deployment/shop-canary --replicas=1",
      "kubectl scale deployment/shop --replicas=3",
    ]);
  });
});

describeCluster("against a real API server", () => {
  kubeContract({
    driver: replicas,
    request: request(50, { total: 2 }),
    other: request(100, { total: 2 }),
    foreign: { present: true, value: 0 },
    absence: false,
    make: [service, deployment("shop", 2), deployment("shop-canary", 0)],
    prepare: ready,
    truth: async (world) => {
      const { spec } = (await world.object("deployment/shop-canary")) as {
        spec: { replicas: number };
      };
      return { present: true, value: spec.replicas };
    },
    setLive: async (world, value) => {
      const count = value.present ? Number(value.value) : 0;
      await world.run(["scale", "deployment/shop-canary", `--replicas=${count}`]);
    },
  });
});
