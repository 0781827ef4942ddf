import { copyFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import { folderForTest, startCanary } from "../e2e/support/run-canary.ts";
import { clusterForTest, describeCluster, installCrd, kubectl } from "../support/cluster.ts";
import { startKubeWorld, type KubeWorld } from "../support/kube-world.ts";
import { codexApp, NEW, type CodexApp } from "../support/runbooks/codex-app.ts";
import { sayYes } from "../support/runbooks/person.ts";
import { writePrograms } from "../support/runbooks/programs.ts";
import { prometheusForTest } from "../support/sandbox-prometheus.ts";

const PLAN = resolve(import.meta.dirname, "../../plans/codex-dominion.yaml");

const PROGRAMS = {
  "package.json": JSON.stringify({ scripts: { "test:functional": "node tests/functional.mjs" } }),
  "tests/functional.mjs":
    'const { status } = await fetch(process.env.APP_URL + "/v1/" + process.argv[2]); console.log(status); process.exit(status === 200 ? 0 : 1);\n',
  "ops/verify-backup.sh": "#!/bin/sh\necho the backup of last night can be read\n",
  "ops/registry-snapshot.sh": "#!/bin/sh\necho a snapshot of today\n",
};

describeCluster("codex-dominion on a real API server and a real Prometheus", () => {
  test("runs to promoted", async () => {
    const cluster = await clusterForTest();
    await installCrd(cluster, "istio-virtualservices", "virtualservices.networking.istio.io");
    const kube = await startKubeWorld(cluster, MANIFESTS);
    onTestFinished(() => kube[Symbol.asyncDispose]());
    const app = await codexApp();
    route(kube, app);
    const rules = [
      { alert: "Down", expr: "absent(queue_depth)", labels: { severity: "critical" } },
    ];
    const prometheus = await prometheusForTest(app.url, { alertmanager: app.url, rules });
    const folder = folderForTest();
    const evidence = join(folder, "evidence");
    // A drill is written down beside its plan.
    const plan = join(folder, "codex-dominion.yaml");
    copyFileSync(PLAN, plan);
    const PATH = writePrograms(folder, PROGRAMS);
    const KUBECONFIG = join(folder, "kubeconfig");
    copyFileSync(cluster.kubeconfig, KUBECONFIG);
    await kubectl({ kubeconfig: KUBECONFIG }, [
      ...["config", "set-context", "--current", `--namespace=${kube.namespace}`],
    ]);
    const address = ["site", "api", "grafana", "desk"].flatMap((each) => [
      "--set",
      `${each}=${app.url}`,
    ]);
    const hook = `${app.url}/hook`;
    const env = { PATH, KUBECONFIG, APP_URL: app.url, TOKEN: "session", SLACK_WEBHOOK: hook };
    const asked = ["oncall-notified", "stakeholders-notified"];
    const run = (verb: string, where: string) => {
      const more = ["--time-scale", "1/30", "--output", "plain", "--evidence", where];
      const set = ["--set", `version=${NEW}`, ...address, "--set", `prometheus=${prometheus}`];
      return startCanary(folder, [verb, "--plan", plan, ...more, ...set], { env });
    };
    const drills = join(folder, "drills");
    const drill = await sayYes(run("drill", drills), folder, drills, asked);
    expect(drill.code, drill.stdout + drill.stderr).toBe(0);
    expect(await replicas(kube, "codex-api-canary")).toBe("0");

    const exit = await sayYes(run("start", evidence), folder, evidence, asked);
    expect(exit.code, exit.stdout + exit.stderr).toBe(0);
    // Its preflight asks that the way back was drilled, and keeps what it saw.
    const kept = readdirSync(evidence, { recursive: true, encoding: "utf8" });
    expect(kept.filter((path) => path.endsWith("/rollback_drill.json"))).toHaveLength(1);
    for (const [workload, container] of [
      ["codex-web", "web"],
      ["codex-api", "api"],
    ] as const) {
      expect(await image(kube, workload)).toBe(`codex/${container}:${NEW}`);
      expect(await replicas(kube, `${workload}-canary`)).toBe("0");
    }
    expect(app.knobs.share).toBe(0);
    expect(app.seen.filter(({ path }) => path === "/hook").length).toBeGreaterThan(3);
  });
});

/** What the router of the mesh does: shares the traffic as the VirtualService says, looked up each second. */
function route(kube: KubeWorld, app: CodexApp): void {
  const path = "jsonpath={.spec.http[-1:].route[?(@.destination.subset=='canary')].weight}";
  const timer = setInterval(() => {
    void kube.run(["get", "virtualservice/codex", "-o", path]).then(
      (text) => (app.knobs.share = Number(text)),
      () => undefined,
    );
  }, 1000);
  onTestFinished(() => clearInterval(timer));
}

function image(kube: KubeWorld, name: string): Promise<string> {
  const path = "jsonpath={.spec.template.spec.containers[0].image}";
  return kube.run(["get", `deployment/${name}`, "-o", path]);
}

function replicas(kube: KubeWorld, name: string): Promise<string> {
  return kube.run(["get", `deployment/${name}`, "-o", "jsonpath={.spec.replicas}"]);
}

function deployment(name: string, container: string, count: number): object {
  const labels = { app: name };
  const containers = [{ name: container, image: `codex/${container}:v2.0.0` }];
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: {
      replicas: count,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers } },
    },
  };
}

const MANIFESTS = [
  deployment("codex-web", "web", 2),
  deployment("codex-api", "api", 2),
  deployment("codex-web-canary", "web", 0),
  deployment("codex-api-canary", "api", 0),
  {
    apiVersion: "networking.istio.io/v1beta1",
    kind: "VirtualService",
    metadata: { name: "codex" },
    spec: {
      hosts: ["codex"],
      http: [
        {
          route: [
            { destination: { host: "codex", subset: "stable" }, weight: 100 },
            { destination: { host: "codex", subset: "canary" }, weight: 0 },
          ],
        },
      ],
    },
  },
];
