import { FlagdCore } from "@openfeature/flagd-core";
import { afterEach, beforeEach, expect, it } from "vitest";

import type { Change } from "../../../src/core/field.ts";
import type { Json } from "../../../src/core/units.ts";
import { featureFlag } from "../../../src/drivers/flags/feature-flag.ts";
import {
  clusterForTest,
  describeCluster,
  installCrd,
  type TestCluster,
} from "../../support/cluster.ts";
import { kubeContract } from "../../support/kube-contract.ts";
import { startKubeWorld, type KubeWorld } from "../../support/kube-world.ts";
import { must } from "../../support/must.ts";

const plain = { state: "ENABLED", variants: { on: true, off: false }, defaultVariant: "off" };
const split = (on: number): object => ({
  fractional: [
    ["on", on],
    ["off", 100 - on],
  ],
});

function object(checkout: object): object {
  const flags = { checkout, banner: { ...plain, defaultVariant: "on" } };
  return {
    apiVersion: "core.openfeature.dev/v1beta1",
    kind: "FeatureFlag",
    metadata: { name: "shop" },
    spec: { flagSpec: { flags } },
  };
}

async function installOpenFeature(cluster: TestCluster): Promise<void> {
  await installCrd(cluster, "openfeature-featureflags", "featureflags.core.openfeature.dev");
}

function request(share: number | null, more: object = {}) {
  const input = featureFlag.input.parse({ object: "shop", flag: "checkout", ...more });
  return { input, share, connectionName: "cluster" };
}

interface FlagSpec {
  readonly flags: Readonly<Record<string, { readonly targeting?: Json; readonly state: string }>>;
}

async function flagSpec(world: KubeWorld): Promise<FlagSpec> {
  const { spec } = (await world.object("featureflag/shop")) as { spec: { flagSpec: FlagSpec } };
  return spec.flagSpec;
}

/** How many of 2000 users get the new variant, as flagd's own engine evaluates the object. */
async function served(world: KubeWorld): Promise<number> {
  const core = new FlagdCore();
  core.setConfigurations(JSON.stringify(await flagSpec(world)));
  return Array.from({ length: 2000 }, (_, user) => {
    const context = { targetingKey: `user-${user}` };
    return core.resolveBooleanEvaluation("checkout", false, context).value;
  }).filter(Boolean).length;
}

describeCluster("a FeatureFlag on a real API server", () => {
  kubeContract({
    driver: featureFlag,
    request: request(5),
    other: request(25),
    foreign: {
      present: true,
      value: {
        fractional: [
          ["on", 77],
          ["off", 23],
        ],
      },
    },
    crd: installOpenFeature,
    make: [object({ ...plain, targeting: split(3) })],
    truth: async (world) => {
      const targeting = (await flagSpec(world)).flags["checkout"]?.targeting;
      return targeting === undefined ? { present: false } : { present: true, value: targeting };
    },
    setLive: async (world, value) => {
      const targeting = value.present ? value.value : null;
      const patch = { spec: { flagSpec: { flags: { checkout: { targeting } } } } };
      const merge = JSON.stringify(patch);
      await world.run(["patch", "featureflag", "shop", "--type=merge", `--patch=${merge}`]);
    },
  });

  let world: KubeWorld;
  const start = async (checkout: object): Promise<void> => {
    const cluster = await clusterForTest();
    await installOpenFeature(cluster);
    world = await startKubeWorld(cluster, [object(checkout)]);
  };
  beforeEach(() => start({ ...plain, state: "DISABLED" }));
  afterEach(() => world[Symbol.asyncDispose]());

  it("serves each share as flagd's own engine evaluates the object, and goes back to what it was", async () => {
    const context = world.context();
    const before = await world.spec("featureflag/shop");
    const first = must(await featureFlag.changes(request(5), context));
    const fields = first.map(({ field }) => field);
    const baseline = must(await featureFlag.read(fields, context));
    for (const share of [5, 25, 100, 0, 100]) {
      must(
        await featureFlag.write(must(await featureFlag.changes(request(share), context)), context),
      );
      expect(Math.abs((await served(world)) - 20 * share)).toBeLessThan(90);
    }
    must(await featureFlag.write(baseline, context));
    must(await featureFlag.release!(fields, context));
    expect(await world.spec("featureflag/shop")).toBe(before);
    expect(await served(world)).toBe(0);
  });

  it("gives users with an attribute a share of their own, and takes it away again", async () => {
    const context = world.context();
    const before = await world.spec("featureflag/shop");
    const routes = [{ attribute: { team: "core" }, share: "100%" }];
    const first = must(await featureFlag.changes(request(0, { routes }), context));
    const fields = first.map(({ field }) => field);
    const baseline = must(await featureFlag.read(fields, context));
    for (const share of [5, 25]) {
      const changes = must(await featureFlag.changes(request(share, { routes }), context));
      must(await featureFlag.write(changes, context));
      const { targeting } = (await flagSpec(world)).flags["checkout"] ?? {};
      expect(targeting).toMatchObject({
        if: [{ in: [{ var: "team" }, ["core"]] }, split(100), {}],
      });
      expect(Math.abs((await served(world)) - 20 * share)).toBeLessThan(90);
    }
    must(await featureFlag.write(baseline, context));
    must(await featureFlag.release!(fields, context));
    expect(await world.spec("featureflag/shop")).toBe(before);
  });

  it("refuses a runner of an earlier epoch", async () => {
    const changes = must(await featureFlag.changes(request(5), world.context()));
    must(await featureFlag.fence!([(changes[0] as Change).field], world.context({ epoch: 2 })));
    expect(await featureFlag.write(changes, world.context())).toMatchObject({ kind: "refused" });
    expect(await served(world)).toBe(0);
  });

  it("kills by the state, and enables again only what does not serve everyone", async () => {
    const context = world.context();
    must(await featureFlag.write(must(await featureFlag.changes(request(100), context)), context));
    const off = must(await featureFlag.changes(request(null, { enabled: false }), context));
    must(await featureFlag.write(off, context));
    expect((await flagSpec(world)).flags["checkout"]?.state).toBe("DISABLED");
    const on = { enabled: true };
    expect(await featureFlag.changes(request(null, on), context)).toMatchObject({
      kind: "failed",
      why: expect.stringContaining("everyone: true"),
    });
    const agreed = must(
      await featureFlag.changes(request(null, { ...on, everyone: true }), context),
    );
    must(await featureFlag.write(agreed, context));
    expect(await served(world)).toBe(2000);
  });

  it.each<[string, object, object, string]>([
    ["a flag that is not there", plain, { flag: "nope" }, "has no flag nope, but banner, checkout"],
    ["an unsafe default", plain, { flag: "banner" }, 'gives "on" to everyone'],
    [
      "rules that a share would wipe",
      { ...plain, targeting: { if: [{ var: "beta" }, "on", "off"] } },
      {},
      "targeting rules of its own",
    ],
  ])("refuses %s, and says so before the rollout", async (_, checkout, more, words) => {
    await world[Symbol.asyncDispose]();
    await start(checkout);
    const problems = await featureFlag.permissions(request(5, more), world.context());
    expect(problems).toEqual([expect.stringContaining(words)]);
    expect(await featureFlag.changes(request(5, more), world.context())).toMatchObject({
      kind: "failed",
    });
  });
});
