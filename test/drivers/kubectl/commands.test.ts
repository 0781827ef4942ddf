import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { CheckResult } from "../../../src/drivers/driver.ts";
import { kubectlConnection } from "../../../src/drivers/kubectl/connection.ts";
import { kubectlAction } from "../../../src/drivers/kubectl/kubectl-action.ts";
import { kubectlCheck } from "../../../src/drivers/kubectl/kubectl-check.ts";
import { kubectlEvidence } from "../../../src/drivers/kubectl/kubectl-evidence.ts";
import { clusterForTest, describeCluster } from "../../support/cluster.ts";
import { deploymentManifest, startKubeWorld, type KubeWorld } from "../../support/kube-world.ts";

describeCluster("kubectl commands of a plan", () => {
  let world: KubeWorld;
  beforeEach(async () => {
    world = await startKubeWorld(await clusterForTest(), [deploymentManifest("api")]);
  });
  afterEach(() => world[Symbol.asyncDispose]());

  const check = async (input: unknown): Promise<CheckResult> =>
    await kubectlCheck.run(kubectlCheck.input.parse(input), world.context());
  const take = async (kubectl: readonly string[]): Promise<unknown> =>
    await kubectlEvidence.take(kubectlEvidence.input.parse({ kubectl }), world.context());
  const call = async (input: unknown): Promise<unknown> => {
    const request = { input: kubectlAction.input.parse(input), share: null, connectionName: "c" };
    return await kubectlAction.call(request, world.context());
  };

  it("run in the namespace and with the credentials of the connection, and give their JSON for outputs", async () => {
    expect(await call(["get", "deployment/api", "-o", "json"])).toMatchObject({
      kind: "ok",
      value: { body: { metadata: { name: "api", namespace: world.namespace } } },
    });
    expect(await call(["get", "deployment/api", "-o", "name"])).toEqual({
      kind: "ok",
      value: { body: "deployment.apps/api\n" },
    });
  });

  it("read their standard input", async () => {
    const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "made" } };
    const done = await call({ argv: ["create", "-f", "-"], stdin: JSON.stringify(map) });
    expect(done).toMatchObject({ kind: "ok" });
    expect(await world.run(["get", "cm/made", "-o", "name"])).toBe("configmap/made\n");
  });

  it("fail for certain where the server said no, and leave it open where it did not answer", async () => {
    expect(await call(["delete", "cm/nope"])).toEqual({
      kind: "failed",
      why: 'kubectl delete cm/nope: Error from server (NotFound): configmaps "nope" not found',
    });
    await world.gate.cut();
    expect(await call(["delete", "cm/nope"])).toMatchObject({ kind: "unknown" });
  });

  it("check what an object holds", async () => {
    const kubectl = ["get", "deployment/api"];
    const good = { "spec.replicas": 2, "metadata.name": "api" };
    expect(await check({ kubectl, expect: { json: good } })).toMatchObject({ kind: "pass" });
    expect(await check({ kubectl, expect: { json: { "spec.replicas": 3 } } })).toMatchObject({
      kind: "fail",
      detail: "kubectl get deployment/api: spec.replicas is 2, expected 3",
    });
    expect(await check({ kubectl, expect: { json: { "spec.nope": 3 } } })).toMatchObject({
      kind: "fail",
    });
    const jsonpath = [...kubectl, "-o", "jsonpath={.spec.replicas}"];
    expect(await check({ kubectl: jsonpath, expect: { stdout: "2" } })).toMatchObject({
      kind: "pass",
    });
    expect(await check({ kubectl: jsonpath, expect: { stdout: "/^[34]$/" } })).toMatchObject({
      kind: "fail",
    });
    expect(await check({ kubectl })).toMatchObject({ kind: "pass" });
  });

  it("fail a check where the answer is no, and are an error where there is none", async () => {
    expect(await check({ kubectl: ["get", "cm/nope"] })).toMatchObject({ kind: "fail" });
    const wait = ["wait", "deployment/api", "--for=condition=Nope", "--timeout=1s"];
    expect(await check({ kubectl: wait })).toMatchObject({ kind: "fail" });
    expect(await check({ kubectl: ["get", "no-such-type"] })).toMatchObject({ kind: "error" });
    await world.gate.cut();
    expect(await check({ kubectl: ["get", "cm/nope"] })).toMatchObject({ kind: "error" });
  });

  it("give evidence, or say why there is none", async () => {
    expect(await take(["get", "deployment", "-o", "name"])).toEqual({
      kind: "taken",
      content: "deployment.apps/api\n",
    });
    expect(await take(["get", "cm/nope"])).toEqual({
      kind: "missing",
      why: 'kubectl get cm/nope: Error from server (NotFound): configmaps "nope" not found',
    });
  });

  it("say which context is missing", async () => {
    const context = world.context();
    const connection = { ...context.connection, context: "prod" };
    const input = kubectlCheck.input.parse({ kubectl: ["get", "pods"] });
    const result = await kubectlCheck.run(input, { ...context, connection });
    expect(result).toMatchObject({ kind: "error" });
    expect(result.detail).toContain("prod");
  });
});

describe("what a plan may write for kubectl", () => {
  it.each([
    ["kubectl get pods", "no shell here"],
    [["kubectl", "get", "pods"], "leave the word kubectl out"],
    [[], "the command is empty"],
    [["scale", "--replicas", 3], 'write \\"3\\" in quotes'],
  ])("not %j", (kubectl, words) => {
    expect(JSON.stringify(kubectlCheck.input.safeParse({ kubectl }).error?.issues)).toContain(
      words,
    );
  });

  it("shows the command as a person would type it", () => {
    const input = kubectlAction.input.parse(["annotate", "ingress/x", "note=a b"]);
    expect(kubectlAction.preview({ input, share: null, connectionName: null })[0]?.does).toBe(
      "kubectl annotate ingress/x 'note=a b'",
    );
    expect(kubectlAction.style(input)).toBe("call");
    expect(kubectlAction.input.parse(JSON.parse(JSON.stringify(input)))).toEqual(input);
  });

  it("knows the keys of the connection", () => {
    expect(
      kubectlConnection.config.safeParse({ context: "prod", namespace: "spark" }).success,
    ).toBe(true);
    expect(kubectlConnection.config.safeParse({}).success).toBe(true);
    expect(kubectlConnection.config.safeParse({ cluster: "prod" }).success).toBe(false);
  });
});
