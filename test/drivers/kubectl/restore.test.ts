import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";

import type { Change } from "../../../src/core/field.ts";
import type { ActionDriver, DriverContext } from "../../../src/drivers/driver.ts";
import { annotate } from "../../../src/drivers/kubectl/annotate.ts";
import { label } from "../../../src/drivers/kubectl/label.ts";
import { patch } from "../../../src/drivers/kubectl/patch.ts";
import { scale } from "../../../src/drivers/kubectl/scale.ts";
import { setEnv } from "../../../src/drivers/kubectl/set-env.ts";
import { setImage } from "../../../src/drivers/kubectl/set-image.ts";
import { clusterForTest, kubectl, describeCluster } from "../../support/cluster.ts";
import { deploymentManifest, startKubeWorld, type KubeWorld } from "../../support/kube-world.ts";
import { must } from "../../support/must.ts";

const workload = "deployment/api";

const widgets = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "widgets.test.canary" },
  spec: {
    group: "test.canary",
    scope: "Namespaced",
    names: { plural: "widgets", singular: "widget", kind: "Widget" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: { spec: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
          },
        },
      },
    ],
  },
};

const widget = {
  apiVersion: "test.canary/v1",
  kind: "Widget",
  metadata: { name: "w" },
  spec: { empty: {} },
};

describeCluster("undoing changes of Kubernetes objects", () => {
  let world: KubeWorld;
  beforeAll(async () => {
    const cluster = await clusterForTest();
    await kubectl(cluster, ["apply", "--filename=-"], JSON.stringify(widgets));
    const name = "crd/widgets.test.canary";
    await kubectl(cluster, ["wait", "--for=condition=Established", name]);
  });
  beforeEach(async () => {
    world = await startKubeWorld(await clusterForTest(), [deploymentManifest("api"), widget]);
    // The controller writes its revision once; what stands there afterwards is the baseline.
    await world.run(["rollout", "status", workload]);
  });
  afterEach(() => world[Symbol.asyncDispose]());

  it("brings a Deployment back to the byte, with what was absent absent again", async () => {
    const before = await world.spec(workload);
    const context = world.context();
    const undos = [
      await change(setImage, { workload, container: "api", image: "registry/x:2" }, context),
      await change(setEnv, { workload, container: "api", env: { A: "9", LOG: "debug" } }, context),
      await change(setEnv, { workload, container: "sidecar", env: { B: "1" } }, context),
      await change(scale, { workload, replicas: 4 }, context),
      await change(annotate, { resource: workload, set: { "team/x": "1" } }, context),
      await change(label, { resource: workload, set: { tier: "a", app: null } }, context),
      await change(
        patch,
        {
          resource: workload,
          patch: {
            spec: {
              revisionHistoryLimit: 3,
              template: {
                metadata: { annotations: { "team/roll": "1" } },
                spec: {
                  dnsConfig: { nameservers: ["1.1.1.1"] },
                  hostAliases: [{ ip: "10.0.0.9" }],
                },
              },
            },
          },
        },
        context,
      ),
    ];
    expect(await world.spec(workload)).not.toBe(before);
    for (const undo of undos.toReversed()) await undo();
    expect(withoutRevision(await world.spec(workload))).toBe(withoutRevision(before));
  }, 180_000);

  it("keeps what somebody else changed meanwhile, and only that", async () => {
    const context = world.context();
    const before = JSON.parse(await world.spec(workload)) as Deployment;
    const undo = await change(
      setImage,
      { workload, container: "api", image: "registry/x:2" },
      context,
    );
    const noted = await change(annotate, { resource: workload, set: { "team/x": "1" } }, context);
    await world.run(["annotate", workload, "theirs=yes"]);
    await world.run(["label", workload, "owner=them"]);
    await world.run(["set", "image", workload, "sidecar=registry/side:2"]);
    await noted();
    await undo();
    const after = JSON.parse(await world.spec(workload)) as Deployment;
    before.metadata.annotations = { ...before.metadata.annotations, theirs: "yes" };
    before.metadata["labels"] = { owner: "them" };
    before.spec.template.spec.containers[1]!.image = "registry/side:2";
    expect(sortedKeys(after)).toEqual(sortedKeys(before));
  });

  it("takes away the maps that it had to make, also where the server keeps empty ones", async () => {
    const before = await world.spec("widgets.test.canary/w");
    const context = world.context();
    const resource = "widgets.test.canary/w";
    const deep = await change(
      patch,
      { resource, patch: { spec: { a: { b: { c: 1 } } } } },
      context,
    );
    const kept = await change(patch, { resource, patch: { spec: { empty: { x: 1 } } } }, context);
    const list = await change(patch, { resource, patch: { spec: { list: [1, 2] } } }, context);
    for (const undo of [list, kept, deep]) await undo();
    expect(await world.spec(resource)).toBe(before);
  });

  it("does not take away a map in which somebody else has put something", async () => {
    const context = world.context();
    const resource = "widgets.test.canary/w";
    const undo = await change(
      patch,
      { resource, patch: { spec: { a: { b: { c: 1 } } } } },
      context,
    );
    await world.run([
      "patch",
      "widgets.test.canary",
      "w",
      "--type=merge",
      '--patch={"spec":{"a":{"b":{"theirs":1}}}}',
    ]);
    await undo();
    const { spec } = await world.object(resource);
    expect(spec).toEqual({ empty: {}, a: { b: { theirs: 1 } } });
  });

  it("puts back an entry that came from elsewhere, in its place in the list", async () => {
    const reference = {
      name: "A",
      valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "metadata.name" } },
    };
    await world.run([
      "patch",
      workload,
      "--type=json",
      `--patch=${JSON.stringify([{ op: "replace", path: "/spec/template/spec/containers/0/env", value: [{ name: "Z", value: "1" }, reference] }])}`,
    ]);
    await world.run(["rollout", "status", workload]);
    const before = withoutRevision(await world.spec(workload));
    const undo = await change(
      setEnv,
      { workload, container: "api", env: { A: "plain", Z: null } },
      world.context(),
    );
    await undo();
    const after = JSON.parse(withoutRevision(await world.spec(workload))) as Deployment;
    expect(after.spec.template.spec.containers[0]).toMatchObject({
      env: [{ name: "Z" }, reference],
    });
    expect(after).toEqual(JSON.parse(before));
  });

  it("compares values as the server stores them", async () => {
    const resources = { limits: { cpu: "0.5", memory: "1024Mi" } };
    const spec = { containers: [{ name: "only", image: "x:2", resources }] };
    const before = await world.spec(workload);
    const undo = await change(
      patch,
      { resource: workload, patch: { spec: { template: { spec } } } },
      world.context(),
    );
    const stored = await world.run(["get", workload, "-o", "jsonpath={..limits.cpu}"]);
    expect(stored).toBe("500m");
    await undo();
    expect(withoutRevision(await world.spec(workload))).toBe(withoutRevision(before));
  });

  it("writes values that are larger than one argument may be", async () => {
    const before = await world.spec("widgets.test.canary/w");
    const big = "x".repeat(300_000);
    const resource = "widgets.test.canary/w";
    const undo = await change(patch, { resource, patch: { spec: { big } } }, world.context());
    expect(((await world.object(resource))["spec"] as { big: string }).big).toBe(big);
    await undo();
    expect(await world.spec(resource)).toBe(before);
  });
});

interface Deployment {
  metadata: { annotations: Record<string, string>; [key: string]: unknown };
  spec: { template: { spec: { containers: { image: string }[] } } };
}

/** The controller of Deployments counts its revisions in an annotation, forwards only. */
function withoutRevision(text: string): string {
  return text.replace(/"deployment\.kubernetes\.io\/revision": "\d+"/, "");
}

function sortedKeys(object: Deployment): string {
  const text = JSON.stringify(object, (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => a.localeCompare(b)))
      : value,
  );
  return withoutRevision(text.replaceAll('":"', '": "'));
}

/** Captures, writes and returns what puts the baseline back, as the bundle holds it. */
async function change<I>(
  driver: ActionDriver<I>,
  input: unknown,
  context: DriverContext,
): Promise<() => Promise<void>> {
  const request = { input: driver.input.parse(input), share: null, connectionName: "c" };
  const changes = must(await driver.changes(request, context));
  const fields = changes.map(({ field }) => field);
  const baseline = JSON.stringify(must(await driver.read(fields, context)));
  must(await driver.write(changes, context));
  must(await driver.settle(changes, context));
  const after = must(await driver.read(fields, context));
  expect(after.map(({ value }) => value)).toEqual(changes.map(({ value }) => value));
  return async () => {
    const undo = JSON.parse(baseline) as readonly Change[];
    must(await driver.write(undo, context));
    must(await driver.settle(undo, context));
    const back = must(await driver.read(fields, context));
    expect(back.map(({ value }) => value)).toEqual(undo.map(({ value }) => value));
    must(await driver.release!(fields, context));
  };
}
