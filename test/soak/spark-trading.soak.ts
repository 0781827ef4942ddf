import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import { folderForTest, startCanary } from "../e2e/support/run-canary.ts";
import { clusterForTest, describeCluster, kubectl } from "../support/cluster.ts";
import { startKubeWorld } from "../support/kube-world.ts";
import { sayYes } from "../support/runbooks/person.ts";
import { writePrograms } from "../support/runbooks/programs.ts";
import { sparkApp } from "../support/runbooks/spark-app.ts";
import { prometheusForTest } from "../support/sandbox-prometheus.ts";

const PLAN = resolve(import.meta.dirname, "../../plans/spark-trading.yaml");
const NGINX = "nginx.ingress.kubernetes.io";
const SAYS_OK = "#!/bin/sh\necho ok\n";

describeCluster("spark-trading on a real API server and a real Prometheus", () => {
  test("runs to promoted", async () => {
    const cluster = await clusterForTest();
    const kube = await startKubeWorld(cluster, [
      deployment("spark-trading-api-stable", 2),
      deployment("spark-trading-api-canary", 0),
      ingress("spark-trading-stable", {}),
      ingress("spark-trading", { [`${NGINX}/canary`]: "true", [`${NGINX}/canary-weight`]: "0" }),
    ]);
    onTestFinished(() => kube[Symbol.asyncDispose]());
    const app = await sparkApp();
    const prometheus = await prometheusForTest(app.url);
    const folder = folderForTest();
    const log = join(folder, "canary.log");
    writeFileSync(log, "2026-01-05 INFO begins\n");
    const KUBECONFIG = join(folder, "kubeconfig");
    copyFileSync(cluster.kubeconfig, KUBECONFIG);
    await kubectl({ kubeconfig: KUBECONFIG }, [
      ...["config", "set-context", "--current", `--namespace=${kube.namespace}`],
    ]);
    const evidence = join(folder, "evidence");
    const PATH = writePrograms(folder, {
      "bin/pnpm": SAYS_OK,
      "bin/gh": SAYS_OK,
      "bin/psql": SAYS_OK,
    });
    const canary = startCanary(
      folder,
      [
        ...["start", "--plan", planFor(folder, prometheus, log), "--time-scale", "1/30"],
        ...["--output", "plain", "--evidence", evidence, "--set", "version=v1.4.0"],
        ...["--set", `app=${app.url}`, "--set", `grafana=${app.url}`],
      ],
      { env: { PATH, KUBECONFIG } },
    );
    const exit = await sayYes(canary, folder, evidence, ["team-trained"]);
    expect(exit.code, exit.stdout + exit.stderr).toBe(0);
    const live = await kube.run(["get", "deployment,ingress", "-o", "json"]);
    expect(live.match(/"image": "spark-trading:v1.4.0"/gu)).toHaveLength(2);
    expect(live).toContain(`"${NGINX}/canary-weight": "0"`);
  });
});

/** The plan as it is, with the places of this machine, and the ranges of its queries divided like its other durations. */
function planFor(folder: string, prometheus: string, log: string): string {
  const text = readFileSync(PLAN, "utf8")
    .replace("http://prometheus:9090", prometheus)
    .replace(
      "{ type: log, workload: deployment/spark-trading-api-canary }",
      `{ type: log, file: ${log}, quiet: true }`,
    )
    .replaceAll("log: deployment/spark-trading-api-canary,", `log: ${log},`)
    .replaceAll("[5m]", "[10s]")
    .replaceAll("[1m]", "[4s]");
  const path = join(folder, "plan.yaml");
  writeFileSync(path, text);
  return path;
}

function deployment(name: string, replicas: number): object {
  const labels = { app: name };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: "api", image: "spark-trading:v1.3.0" }] },
      },
    },
  };
}

function ingress(name: string, annotations: Readonly<Record<string, string>>): object {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name, annotations },
    spec: { defaultBackend: { service: { name, port: { number: 80 } } } },
  };
}
