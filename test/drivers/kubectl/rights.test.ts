import { afterEach, beforeEach, expect, it } from "vitest";

import type { ActionDriver } from "../../../src/drivers/driver.ts";
import { logLines } from "../../../src/drivers/evidence/log.ts";
import { apply } from "../../../src/drivers/kubectl/apply.ts";
import { kubectlAction } from "../../../src/drivers/kubectl/kubectl-action.ts";
import { kubectlCheck } from "../../../src/drivers/kubectl/kubectl-check.ts";
import { kubectlEvidence } from "../../../src/drivers/kubectl/kubectl-evidence.ts";
import { rolloutStatus } from "../../../src/drivers/kubectl/rollout-status.ts";
import { scale } from "../../../src/drivers/kubectl/scale.ts";
import { setImage } from "../../../src/drivers/kubectl/set-image.ts";
import { clusterForTest, describeCluster } from "../../support/cluster.ts";
import { deploymentManifest, startKubeWorld, type KubeWorld } from "../../support/kube-world.ts";

const workload = "deployment/api";
const settings = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "new" },
  data: { a: "1" },
};

describeCluster("what must be permitted before a rollout starts", () => {
  let world: KubeWorld;
  beforeEach(async () => {
    world = await startKubeWorld(await clusterForTest(), [deploymentManifest("api")]);
  });
  afterEach(() => world[Symbol.asyncDispose]());

  const missing = async <I>(
    driver: ActionDriver<I>,
    input: unknown,
  ): Promise<readonly string[]> => {
    const request = { input: driver.input.parse(input), share: null, connectionName: "c" };
    return await driver.permissions(request, world.context({ as: "restricted" }));
  };
  const needs = async (...argv: string[]): Promise<string> =>
    (await missing(kubectlAction, argv)).join();
  const allowOnly = async (rules: readonly object[]): Promise<void> => {
    const patch = JSON.stringify([{ op: "replace", path: "/rules", value: rules }]);
    await world.run(["patch", "role", "devs", "--type=json", `--patch=${patch}`]);
  };
  it("is nothing more than get and patch on the object", async () => {
    await allowOnly([rule("apps", "deployments", "get", "patch")]);
    expect(await missing(scale, { workload, replicas: 3 })).toEqual([]);
    expect(await missing(setImage, { workload, container: "api", image: "x:2" })).toEqual([]);
    expect(await missing(rolloutStatus, { workload })).toEqual([]);
  });

  it("names the verb, the object, the namespace, and that the undo needs it too", async () => {
    await allowOnly([rule("apps", "deployments", "get")]);
    expect(await missing(scale, { workload, replicas: 3 })).toEqual([
      `no permission to patch deployment/api in namespace ${world.namespace}, needed for the change and its undo: grant it, or use other credentials`,
    ]);
    await allowOnly([]);
    expect((await missing(scale, { workload, replicas: 3 })).join()).toMatch(/to get .* to patch /);
  });

  it("includes deleting what would be made, because that is its undo", async () => {
    await allowOnly([rule("", "configmaps", "get", "create", "patch")]);
    const problems = await missing(apply, { manifest: settings });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain("no permission to delete configmap/new");
    expect(problems[0]).toContain("its undo, which deletes it");
    await world.run(["create", "configmap", "new"]);
    expect(await missing(apply, { manifest: settings })).toEqual([]);
  });

  it("reads the words of a kubectl command, as far as they say what it needs", async () => {
    await allowOnly([rule("apps", "deployments", "get")]);
    expect(await needs("get", "deployment/api", "-o", "json")).toBe("");
    expect(await needs("rollout", "restart", "deployment/api")).toContain(
      "to patch deployment/api",
    );
    expect(await needs("delete", "pod", "x", "--now")).toContain("to delete pod/x");
    expect(await needs("exec", "deploy/redis", "--", "redis-cli", "flushall")).toContain(
      "to create pods/exec",
    );
    expect(await needs("apply", "-f", "x.yaml")).toBe("");
  });

  it("is asked of checks and evidence too, as kubectl itself then needs it", async () => {
    const looks = async (...argv: string[]): Promise<readonly string[]> => {
      const input = { kubectl: argv };
      const context = world.context({ as: "restricted" });
      const asked = await kubectlCheck.permissions?.(input, context);
      expect(await kubectlEvidence.permissions?.(input, context)).toEqual(asked);
      return (asked ?? []).map((text) => /to (.*) in namespace/.exec(text)?.[1] ?? text);
    };
    const status = ["rollout", "status", "deployment/api", "--timeout=20s"];
    await allowOnly([rule("apps", "deployments", "get")]);
    expect(await looks("get", "deployment", "api")).toEqual([]);
    expect(await looks("describe", "deployment/api")).toEqual([]);
    expect(await looks("get", "deployments")).toEqual(["list deployments"]);
    expect(await looks(...status)).toEqual(["list deployment/api", "watch deployment/api"]);
    expect(await looks("wait", "deployment/api", "--for=condition=Available")).toHaveLength(2);
    expect(await looks("logs", "deployment/api", "--tail=5")).toEqual([
      "list pods",
      "get pods/log",
    ]);
    const lines = { log: "deployment/api" };
    expect(await logLines.permissions?.(lines, world.context({ as: "restricted" }))).toHaveLength(
      2,
    );
    await allowOnly([rule("apps", "deployments", "get", "list", "watch")]);
    expect(await looks(...status)).toEqual([]);
    const context = world.context({ as: "restricted" });
    expect(await kubectlCheck.run({ kubectl: status }, context)).toMatchObject({ kind: "pass" });
  });

  it("tells of an object that is not there, and of a container that it does not have", async () => {
    expect(await missing(scale, { workload: "deployment/nope", replicas: 1 })).toEqual([
      `there is no deployment/nope in namespace ${world.namespace}`,
    ]);
    expect(await missing(setImage, { workload, container: "web", image: "x:2" })).toEqual([
      "deployment/api has no container web; it has api, sidecar",
    ]);
    expect(await missing(setImage, { workload, image: "x:2" })).toEqual([
      "deployment/api has several containers (api, sidecar): name one with `container`",
    ]);
  });

  it("tells of an autoscaler that owns the number of replicas", async () => {
    await world.run(["autoscale", "deployment", "api", "--min=1", "--max=9"]);
    expect(await missing(scale, { workload, replicas: 3 })).toEqual([
      "deployment/api is scaled by the HorizontalPodAutoscaler api: leave `scale` out, or patch its minReplicas",
    ]);
    await world.run(["create", "-f", "-"], JSON.stringify({ ...deploymentManifest("other") }));
    expect(await missing(scale, { workload: "deployment/other", replicas: 3 })).toEqual([]);
  });

  it("says why it cannot tell when the API server does not answer", async () => {
    await world.gate.cut();
    const problems = await missing(scale, { workload, replicas: 3 });
    expect(problems.join()).toContain(
      "kubectl cannot tell what is permitted: The connection to the server",
    );
  });
});

function rule(group: string, resource: string, ...verbs: string[]): object {
  return { apiGroups: [group], resources: [resource], verbs };
}
