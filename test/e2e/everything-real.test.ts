import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { afterAll, beforeAll, describe, expect, test, type TestContext } from "vitest";

import {
  noUnleash,
  startUnleash,
  type UnleashServer,
} from "../drivers/flags/support/unleash-server.ts";
import { afterTest } from "../support/after-test.ts";
import { clusterForTest, withoutCluster, type TestCluster } from "../support/cluster.ts";
import { startHaproxy } from "../support/haproxy-world.ts";
import { startKubeWorld } from "../support/kube-world.ts";
import { startLoad } from "../support/load.ts";
import { alertmanagerForTest } from "../support/real-alertmanager.ts";
import { needProgram } from "../support/real-server.ts";
import { eventually } from "../support/sandbox-client.ts";
import { prometheusForTest } from "../support/sandbox-prometheus.ts";
import { hasProgram } from "../support/split-world.ts";
import { folderForTest, startCanary } from "./support/run-canary.ts";

const PLAN = resolve(import.meta.dirname, "plans/everything-real.yaml");
/** They take half a minute each; a machine that is busy with other tests takes more. */
const PATIENCE = 300_000;
const FLAGS = "/api/admin/projects/default/features";
const FAILED = 'haproxy_server_http_responses_total{proxy="shop",code="5xx"}[4s]';
/** What Prometheus itself judges and tells the Alertmanager: that it is alive, and that the shop is ill. */
const RULES = [
  { alert: "Watchdog", expr: "vector(1)", labels: {} },
  {
    alert: "ShopFails",
    expr: `sum(increase(${FAILED})) > 5`,
    labels: { service: "shop" },
  },
];
const WORKLOAD = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "shop-canary" },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: "shop-canary" } },
    template: {
      metadata: { labels: { app: "shop-canary" } },
      spec: { containers: [{ name: "app", image: "shop:v1" }] },
    },
  },
};

let unleash: UnleashServer;
let cluster: TestCluster;

async function flagForTest(): Promise<void> {
  await unleash.ask("DELETE", `${FLAGS}/checkout`).catch(() => null);
  await unleash.ask("DELETE", "/api/admin/archive/checkout").catch(() => null);
  await unleash.ask("POST", FLAGS, { name: "checkout", type: "release" });
  await unleash.ask("POST", `${FLAGS}/checkout/environments/production/strategies`, {
    name: "flexibleRollout",
    parameters: { rollout: "0", stickiness: "default", groupId: "checkout" },
  });
}

async function world(context: TestContext) {
  needProgram(context, "prometheus");
  const alerts = await alertmanagerForTest(context);
  const stack = new AsyncDisposableStack();
  afterTest(() => stack.disposeAsync());
  const router = stack.use(await startHaproxy());
  const kube = stack.use(await startKubeWorld(cluster, [WORKLOAD]));
  const prometheus = await prometheusForTest(router.metrics, {
    alertmanager: alerts.url,
    rules: RULES,
  });
  await flagForTest();
  await kube.run(["rollout", "status", "deployment/shop-canary", "--timeout=60s"]);
  const load = stack.use(await startLoad({ router: router.url }));
  const folder = folderForTest();
  const env = {
    HAPROXY_SOCKET: router.socket,
    UNLEASH_URL: unleash.url,
    UNLEASH_TOKEN: unleash.token,
    PROMETHEUS_URL: prometheus,
    ALERTS_URL: alerts.url,
    LOAD_URL: load.url,
  };
  await eventually(
    () => fetch(`${alerts.url}/api/v2/alerts`).then((answer) => answer.text()),
    (text) => text.includes("Watchdog"),
  );
  const set = ["--set", `kubeconfig=${cluster.kubeconfig}`, "--set", `namespace=${kube.namespace}`];
  const evidence = join(folder, "evidence");
  const start = () =>
    startCanary(folder, ["start", "--plan", PLAN, ...set, "--evidence", evidence], { env });
  const workload = async (): Promise<string> =>
    (await kube.spec("deployment/shop-canary")).replaceAll(
      /"deployment\.kubernetes\.io\/revision": "\d+"/gu,
      "",
    );
  const state = async () => ({
    router: (await router.tell("show servers state shop"))
      .split("\n")
      .map((line) => line.split(" ").slice(3, 8).join(" ")),
    flag: await unleash.ask("GET", `${FLAGS}/checkout/environments/production`),
    workload: await workload(),
  });
  return { router, load, evidence, start, state };
}

/** The split of real requests at the end of each stage, as those who sent them counted. */
function splits(evidence: string): Readonly<Record<string, number>> {
  const files = readdirSync(evidence, { recursive: true, encoding: "utf8" });
  return Object.fromEntries(
    files.flatMap((path) => {
      const stage = /split-(\w+)\.json$/u.exec(path)?.[1];
      if (stage === undefined) return [];
      const { router } = JSON.parse(readFileSync(join(evidence, path), "utf8")) as {
        router: { share: number };
      };
      return [[stage, router.share]];
    }),
  );
}

const absent = noUnleash() ?? (withoutCluster === false ? null : withoutCluster);
const skip = absent !== null || !hasProgram("haproxy");

describe.skipIf(skip)(
  `a rollout over a real HAProxy under load, Unleash, Prometheus, Alertmanager and API server ${absent ?? ""}`,
  () => {
    beforeAll(async () => {
      [unleash, cluster] = await Promise.all([startUnleash(), clusterForTest()]);
    }, 180_000);
    afterAll(() => unleash?.[Symbol.asyncDispose]());

    test(
      "promotes when all is well, with the split of real requests measured at each stage",
      async (context) => {
        const { start, state, evidence, load } = await world(context);
        const exit = await start().exit;
        expect(exit.code, exit.stdout + exit.stderr).toBe(0);
        const { flag, workload } = await state();
        expect(flag).toMatchObject({
          enabled: true,
          strategies: [
            expect.objectContaining({ parameters: expect.objectContaining({ rollout: "100" }) }),
          ],
        });
        expect(workload).toContain('"shop:v2"');
        expect(workload).toContain('"replicas": 3');
        const { few, half, all } = splits(evidence);
        expect(few).toBeCloseTo(0.1, 1.5);
        expect(half).toBeCloseTo(0.5, 1.5);
        expect([all, load.shareOf("router")]).toEqual([1, 1]);
      },
      PATIENCE,
    );

    test(
      "puts back the router, the flag and the workload when the new version fails",
      async (context) => {
        const { router, start, state, load } = await world(context);
        const before = await state();
        const started = start();
        const over = started.exit.then(({ stdout, stderr }) => {
          throw new Error(`it ended before: ${stdout}${stderr}`);
        });
        const half = eventually(
          () => Promise.resolve(load.shareOf("router")),
          (share) => share > 0.4,
        );
        await Promise.race([half, over]);
        router.canaryAnswers(500);
        over.catch(() => undefined);
        const exit = await started.exit;
        expect(exit.code, exit.stdout + exit.stderr).toBe(30);
        expect(exit.stdout).toMatch(/errors|ShopFails/u);
        expect(await state()).toEqual(before);
        expect(load.shareOf("router")).toBe(0);
      },
      PATIENCE,
    );
  },
);
