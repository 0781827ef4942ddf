import { beforeAll, expect, test } from "vitest";

import { kubectlThroughProxy } from "../../src/cli/kubectl-through-proxy.ts";
import { createExec, type ExecPort, type ExecResult } from "../../src/drivers/exec.ts";
import { afterTest } from "../support/after-test.ts";
import { clusterForTest, describeCluster, type TestCluster } from "../support/cluster.ts";
import { deploymentManifest, startKubeWorld, type KubeWorld } from "../support/kube-world.ts";

interface Asked {
  readonly kube: KubeWorld;
  /** Through the proxy where that is possible; `plain` is kubectl alone. */
  readonly ask: (args: readonly string[], signal?: AbortSignal) => Promise<ExecResult>;
  readonly plain: (args: readonly string[]) => Promise<ExecResult>;
  /** The verbs for which there was a process. */
  readonly processes: string[];
}

const IDENTITY = { rollout: "r-1", epoch: 1 };
const GET = ["--ignore-not-found", "--output=json"];

describeCluster("kubectl through a proxy", () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await clusterForTest();
  }, 60_000);

  async function asked(): Promise<Asked> {
    const kube = await startKubeWorld(cluster, [deploymentManifest("api", { replicas: 0 })]);
    afterTest(() => kube[Symbol.asyncDispose]());
    const processes: string[] = [];
    const { kubeconfig } = kube.context().connection;
    const where = typeof kubeconfig === "string" ? kubeconfig : "";
    const flags = [`--kubeconfig=${where}`, `--namespace=${kube.namespace}`];
    const argv = (args: readonly string[]): string[] => ["kubectl", ...flags, ...args];
    const real = createExec(IDENTITY);
    const counted: ExecPort = (line, options) => {
      processes.push(line.find((word) => ["get", "patch"].includes(word)) ?? "");
      return real(line, options);
    };
    const { exec } = kubectlThroughProxy(() => counted);
    const { signal: forever } = new AbortController();
    return {
      kube,
      processes,
      ask: (args, signal = forever) => exec(IDENTITY)(argv(args), { signal }),
      plain: (args) => real(argv(args), { signal: forever }),
    };
  }

  function patch(ops: readonly object[]): readonly string[] {
    const flags = ["--type=json", "--output=name", `--patch=${JSON.stringify(ops)}`];
    return ["patch", "Deployment.v1.apps", "api", ...flags];
  }

  test("reads and patches as kubectl does, without a process for each", async () => {
    const { ask, plain, processes, kube } = await asked();
    const get = ["get", "Deployment.v1.apps", "api", ...GET];
    const [own, theirs] = [await ask(get), await plain(get)];
    expect(own.exitCode).toBe(0);
    const { apiVersion, kind, spec } = JSON.parse(theirs.stdout) as Record<string, unknown>;
    expect(JSON.parse(own.stdout)).toMatchObject({ apiVersion, kind, spec });
    const gone = ["get", "Deployment.v1.apps", "gone", ...GET];
    expect(await ask(gone)).toEqual(await plain(gone));
    const replicas = { op: "replace", path: "/spec/replicas", value: 1 };
    expect(await ask(patch([replicas]))).toMatchObject({ exitCode: 0 });
    expect(await kube.object("deployment/api")).toMatchObject({ spec: { replicas: 1 } });
    const core = ["get", "Namespace", kube.namespace, ...GET];
    expect(JSON.parse((await ask(core)).stdout)).toMatchObject({ kind: "Namespace" });
    expect(processes).toEqual([]);
  });

  test("leaves to kubectl what the server refuses, and what kind of thing it does not know", async () => {
    const { ask, plain, processes } = await asked();
    const refused = patch([{ op: "test", path: "/spec/replicas", value: 7 }]);
    expect(await ask(refused)).toEqual(await plain(refused));
    const unknown = ["get", "Wheel.v1.apps", "api", ...GET];
    expect(await ask(unknown)).toEqual(await plain(unknown));
    expect(processes).toEqual(["patch", "get"]);
  });

  test("leaves everything to kubectl when there was no answer once", async () => {
    const { ask, processes, kube } = await asked();
    const get = ["get", "Deployment.v1.apps", "api", ...GET];
    await kube.gate.cut();
    expect((await ask(get)).stderr).toMatch(/refused/u);
    expect(await ask(get)).toMatchObject({ exitCode: 1 });
    expect(processes).toEqual(["get", "get"]);
  });

  test("a question that is cut has an outcome that nobody knows", async () => {
    const { ask, kube } = await asked();
    kube.gate.state = "mute";
    const cut = AbortSignal.timeout(200);
    const answer = await ask(patch([{ op: "remove", path: "/spec/replicas" }]), cut);
    expect(answer).toMatchObject({ exitCode: null, why: "interrupted", started: true });
  });
});
