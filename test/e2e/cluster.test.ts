import { chmodSync, copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { expect, test } from "vitest";

import { gatewaySays, httpRoute, installHttpRoute, SHOP } from "../drivers/traffic/http-route.ts";
import { clusterForTest, describeCluster } from "../support/cluster.ts";
import { startKubeWorld, type KubeWorld } from "../support/kube-world.ts";
import { eventually } from "../support/sandbox-client.ts";
import type { CanaryProcess, Exit } from "./support/run-canary.ts";
import { worldForTest, type World } from "./support/world.ts";

const WORKLOAD = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "shop-canary", annotations: { "canary.example/owner": "team-shop" } },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: "shop-canary" } },
    template: {
      metadata: { labels: { app: "shop-canary" } },
      spec: { containers: [{ name: "app", image: "shop:v1" }] },
    },
  },
};
const NGINX = "nginx.ingress.kubernetes.io";
const INGRESSES = [
  ingress("shop", {}),
  ingress("shop-canary", { [`${NGINX}/canary`]: "true", [`${NGINX}/canary-weight`]: "0" }),
];

function ingress(name: string, annotations: Readonly<Record<string, string>>): object {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name, annotations },
    spec: { defaultBackend: { service: { name, port: { number: 80 } } } },
  };
}

interface Both {
  readonly world: World;
  readonly kube: KubeWorld;
  /** The objects as they were before the rollout. */
  readonly before: readonly string[];
  /** Starts a plan; with the folder of another `kubectl` in front of the path. */
  readonly start: (plan?: string, bin?: string) => CanaryProcess;
}

async function both(
  user: "kubeconfig" | "restricted" = "kubeconfig",
  more: readonly object[] = [],
): Promise<Both> {
  const world = await worldForTest();
  const cluster = await clusterForTest();
  const kube = await startKubeWorld(cluster, [WORKLOAD, ...INGRESSES, ...more]);
  await kube.run(["rollout", "status", "deployment/shop-canary", "--timeout=60s"]);
  const kubeconfig = join(world.folder, "kubeconfig");
  copyFileSync(cluster[user], kubeconfig);
  const set = ["--set", `kubeconfig=${kubeconfig}`, "--set", `namespace=${kube.namespace}`];
  const path = process.env["PATH"] ?? "";
  return {
    world,
    kube,
    before: await specs(kube),
    start: (plan = "cluster.yaml", bin) =>
      world.start(plan, set, bin === undefined ? {} : { PATH: `${bin}:${path}` }),
  };
}

async function weight(kube: KubeWorld): Promise<string> {
  return kube.run([
    "get",
    "ingress/shop-canary",
    "--output=jsonpath={.metadata.annotations.nginx\\.ingress\\.kubernetes\\.io/canary-weight}",
  ]);
}

async function deployment(kube: KubeWorld): Promise<string> {
  return await kube.run(["get", "deployment/shop-canary", "--output=json"]);
}

async function untilWeight(kube: KubeWorld, share: string): Promise<void> {
  await eventually(
    () => weight(kube),
    (live) => live === share,
  );
}

/** What must be as it was: everything but what the server counts and the controllers write. */
async function specs(kube: KubeWorld): Promise<readonly string[]> {
  const all = [await kube.spec("deployment/shop-canary"), await kube.spec("ingress/shop-canary")];
  return all.map((text) => text.replaceAll(/"deployment\.kubernetes\.io\/revision": "\d+"/gu, ""));
}

function withoutMark(text: string): string {
  return text.replaceAll(/\n *"canary-rollout\.dev\/mark": "[^"]*",/gu, "");
}

/** Waits for the end, and shows what was said when it is another one. */
async function expectExit(canary: CanaryProcess, code: number): Promise<Exit> {
  const exit = await canary.exit;
  if (exit.code !== code) throw new Error(`exit ${exit.code}\n${exit.stdout}\n${exit.stderr}`);
  return exit;
}

/**
 * A kubectl whose first patch that `when` matches waits until the file `go` is there, and then is sent by a process that
 * nobody can tell as one of the rollout: like a request that is on its way, or sent from another machine.
 */
function slowKubectl(
  world: World,
  when: string,
): { readonly bin: string; at(file: string): string } {
  const at = (file: string): string => join(world.folder, file);
  const script = `#!/bin/sh
PATH='${process.env["PATH"] ?? ""}'
case "$*" in
  *" patch "*${when}*)
    if mkdir '${at("held")}' 2>/dev/null; then
      env -u CANARY_ROLLOUT -u CANARY_EPOCH setsid sh -c '
        while ! [ -e "${at("go")}" ]; do sleep 0.1; done
        kubectl "$@" > "${at("said")}" 2>&1; echo $? > "${at("code")}"' - "$@" &
      wait
    fi
esac
exec kubectl "$@"
`;
  const bin = at(".");
  writeFileSync(at("kubectl"), script);
  chmodSync(at("kubectl"), 0o700);
  return { bin, at };
}

describeCluster("rollouts on a real API server", () => {
  test.concurrent("an abort after kill -9 gives byte-identical specs back, also when something unrelated was changed", async () => {
    const { kube, start, world, before } = await both();
    const started = start();
    await untilWeight(kube, "10");
    started.signal("SIGKILL");
    await started.exit;
    await kube.run(["annotate", "deployment/shop-canary", "unrelated.example/note=kept"]);
    await expectExit(world.abort(), 31);
    expect(await deployment(kube)).toContain('"unrelated.example/note": "kept"');
    await kube.run(["annotate", "deployment/shop-canary", "unrelated.example/note-"]);
    expect(await specs(kube)).toEqual(before);
  }, 120_000);

  test.concurrent("the plan alone takes the weight to 0, over whatever mark is there, and leaves the rest: 40", async () => {
    const { kube, start, world } = await both();
    const started = start();
    await untilWeight(kube, "10");
    started.signal("SIGKILL");
    await started.exit;
    for (const folder of [world.evidence, join(world.folder, "state")])
      rmSync(folder, { recursive: true });
    const set = [`kubeconfig=${join(world.folder, "kubeconfig")}`, `namespace=${kube.namespace}`];
    const plan = ["--plan", join(import.meta.dirname, "plans/cluster.yaml")];
    const more = [...plan, ...set.flatMap((each) => ["--set", each]), "--sandbox", "http://x"];
    const { stdout } = await expectExit(world.abort(more), 40);
    expect(await weight(kube)).toBe("0");
    expect(await deployment(kube)).toContain('"image": "shop:v2"');
    expect(stdout).toContain('left as it is, "shop:v2"');
  }, 120_000);

  test.concurrent("what somebody else set meanwhile is left alone, all else goes back, and the abort says 40", async () => {
    const { kube, start, world, before } = await both();
    const started = start();
    await untilWeight(kube, "10");
    started.signal("SIGKILL");
    await started.exit;
    await kube.run(["scale", "deployment/shop-canary", "--replicas=2"]);
    const { stdout, stderr } = await expectExit(world.abort(), 40);
    expect(stdout + stderr).toMatch(/replicas.*2/u);
    const changed = [before[0]?.replace('"replicas": 1', '"replicas": 2'), before[1]];
    expect(changed).not.toEqual(before);
    // The mark stays: what is not restored belongs to this rollout until a person has seen to it.
    const after = await specs(kube);
    expect(after[0]).toContain('"canary-rollout.dev/mark"');
    expect(after.map(withoutMark)).toEqual(changed);
  }, 120_000);

  test.concurrent("an abort while the runner is frozen in the middle of its actions: nothing of it lands after", async () => {
    const { kube, start, world, before } = await both();
    const started = start();
    await eventually(
      () => deployment(kube),
      (text) => text.includes("shop:v2"),
    );
    started.signal("SIGSTOP");
    await expectExit(world.abort(), 31);
    expect(await specs(kube)).toEqual(before);
    started.signal("SIGCONT");
    await Promise.race([started.exit, sleep(10_000)]);
    expect(await specs(kube)).toEqual(before);
  }, 120_000);

  test.concurrent.for([
    ["its first write", "shop:v2"],
    ["a later one of the same object", "canary.example"],
  ] as const)(
    "a patch that is still on its way at the abort, %s, is refused by the API server",
    { timeout: 120_000 },
    async ([, when]) => {
      const { kube, start, world, before } = await both();
      const slow = slowKubectl(world, when);
      const started = start("cluster.yaml", slow.bin);
      await eventually(
        () => Promise.resolve(existsSync(slow.at("held"))),
        (held) => held,
      );
      started.signal("SIGKILL");
      await started.exit;
      await expectExit(world.abort(), 31);
      expect(await specs(kube)).toEqual(before);
      writeFileSync(slow.at("go"), "");
      await eventually(
        () => Promise.resolve(existsSync(slow.at("code"))),
        (said) => said,
      );
      expect(readFileSync(slow.at("said"), "utf8")).toMatch(/test|unprocessable|invalid/iu);
      expect(readFileSync(slow.at("code"), "utf8")).not.toBe("0\n");
      expect(await specs(kube)).toEqual(before);
    },
  );

  test.concurrent("a failing metric rolls the cluster back to what it was", async () => {
    const { kube, start, world, before } = await both();
    const started = start();
    await untilWeight(kube, "10");
    await world.knobs({ stable: { errorRate: 0.9 } });
    await untilWeight(kube, "0");
    await world.knobs({ stable: null });
    await expectExit(started, 30);
    expect(await specs(kube)).toEqual(before);
  }, 120_000);

  test.concurrent("weights and routes of an HTTPRoute go back byte for byte, after kill -9 and at a good end", async () => {
    const cluster = await clusterForTest();
    await installHttpRoute(cluster);
    const { kube, start, world } = await both("kubeconfig", [httpRoute([{ backendRefs: SHOP }])]);
    await gatewaySays(kube, { generation: 99 });
    const route = async (): Promise<string> => kube.spec("httproute/shop");
    const before = await route();
    const started = start("gateway.yaml");
    await eventually(route, (live) => live.includes('"weight": 75'));
    started.signal("SIGKILL");
    await started.exit;
    expect(await route()).toContain('"value": "shop"');
    await expectExit(world.abort(), 31);
    expect(await route()).toBe(before);
    await expectExit(start("gateway.yaml"), 0);
    expect(await route()).toBe(before);
  }, 120_000);

  test.concurrent("a service account is told all that it lacks, also for the way back, and needs nothing else to be promoted and back", async () => {
    const { kube, start, world, before } = await both("restricted");
    const rules: object[] = [
      { apiGroups: ["apps"], resources: ["deployments"], verbs: ["get", "patch"] },
      { apiGroups: ["networking.k8s.io"], resources: ["ingresses"], verbs: ["get", "patch"] },
    ];
    const allow = async (...configMaps: readonly string[]): Promise<void> => {
      const value = [...rules, { apiGroups: [""], resources: ["configmaps"], verbs: configMaps }];
      const patch = JSON.stringify([{ op: "replace", path: "/rules", value }]);
      await kube.run(["patch", "role", "devs", "--type=json", `--patch=${patch}`]);
    };
    await allow("create");
    const { stdout, stderr } = await expectExit(start("rights.yaml"), 20);
    expect((stdout + stderr).match(/(?<=no permission to )\S+ \S+/gu)).toEqual(
      expect.arrayContaining([
        "delete configmap/announcement",
        "delete configmap/cache",
        "list events",
      ]),
    );
    expect(stdout + stderr).toContain("the preflight found 3 problems; nothing was touched");
    rules.push({ apiGroups: [""], resources: ["events"], verbs: ["list"] });
    await allow("create", "delete");
    await expectExit(start("rights.yaml"), 0);
    expect(await weight(kube)).toBe("10");
    expect(await deployment(kube)).toContain('"replicas": 2');
    expect(await deployment(kube)).not.toContain("canary-rollout.dev/mark");
    expect(await world.verify()).toMatchObject({ code: 0 });
    await kube.run(["create", "configmap", "cache"]);
    await expectExit(world.abort([await lastRollout(world), "--after-promoted"]), 31);
    expect(await specs(kube)).toEqual(before);
    const maps = await kube.run(["get", "configmaps", "--output=name"]);
    expect(maps).not.toMatch(/announcement|cache/u);
  }, 120_000);
});

async function lastRollout(world: World): Promise<string> {
  const promoted = (await world.list()).find(({ exit }) => exit === 0);
  return promoted?.id ?? "";
}
