import { readFile, readdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

import { beforeAll, expect, test } from "vitest";

import { afterTest } from "../support/after-test.ts";
import { clusterForTest, describeCluster, kubectl, type TestCluster } from "../support/cluster.ts";
import { startKubeWorld } from "../support/kube-world.ts";
import { eventually } from "../support/sandbox-client.ts";
import { folderForTest, runCanary } from "./support/run-canary.ts";
import { untilShare, worldForTest } from "./support/world.ts";

interface RoleList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly rules: unknown;
  }[];
}

const NGINX = "nginx.ingress.kubernetes.io";
const INGRESS = {
  apiVersion: "networking.k8s.io/v1",
  kind: "Ingress",
  spec: { defaultBackend: { service: { name: "shop", port: { number: 80 } } } },
};
const WEIGHTS = { [`${NGINX}/canary`]: "true", [`${NGINX}/canary-weight`]: "0" };
const LABELS = { app: "shop-canary" };
const SHOP = [
  { ...INGRESS, metadata: { name: "shop" } },
  { ...INGRESS, metadata: { name: "shop-canary", annotations: WEIGHTS } },
  {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "shop-canary" },
    spec: {
      replicas: 1,
      selector: { matchLabels: LABELS },
      template: {
        metadata: { labels: LABELS },
        spec: { containers: [{ name: "app", image: "shop:v1" }] },
      },
    },
  },
];
const BIN = resolve(import.meta.dirname, "../../bin/canary.js");

describeCluster("a rollout as a Job", () => {
  let cluster: TestCluster;
  let count = 0;
  beforeAll(async () => {
    cluster = await clusterForTest();
  }, 60_000);

  async function namespace(): Promise<string> {
    count += 1;
    const name = `job-${process.pid}-${count}`;
    await kubectl(cluster, ["create", "namespace", name]);
    return name;
  }

  /** What the Pods of a namespace printed. */
  async function logs(name: string): Promise<string> {
    const folder = join(dirname(cluster.kubeconfig), "pods");
    const files = (await readdir(folder)).filter(
      (file) => file.startsWith(`${name}.`) && file.endsWith(".log"),
    );
    return (await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")))).join(
      "\n",
    );
  }

  test("goes on in the next Pod when its Pod is deleted, and its Job is complete when it is promoted", async () => {
    const name = await namespace();
    const world = await worldForTest();
    const env = { KUBECONFIG: cluster.kubeconfig };
    const start = world.start(
      "fast.yaml",
      [
        ...["--in-cluster", "--store", `kubernetes:///${name}`, "--image", "local/process"],
        ...["--command", `${process.execPath} ${BIN}`],
      ],
      env,
    );
    const pods = [
      "--namespace",
      name,
      "get",
      "pods",
      "--output=jsonpath={.items[*].metadata.name}",
    ];
    const early = await Promise.race([untilShare(world, 10), start.exit]);
    expect(early, JSON.stringify(early) + (await logs(name))).not.toHaveProperty("code");
    const [first = ""] = (await kubectl(cluster, pods)).split(" ");
    await kubectl(cluster, ["--namespace", name, "delete", "pod", first, "--wait=false"]);
    const { code, stdout, stderr } = await start.exit;
    expect(code, stdout + stderr + (await logs(name))).toBe(0);
    // The next Pod may be there before anybody looks.
    expect(stdout).toContain("takes over to go on");
    expect((await world.state()).traffic.canary).toBe(100);
    const job = await eventually(
      () => kubectl(cluster, ["--namespace", name, "get", "jobs", "--output=json"]),
      (text) => text.includes('"Complete"'),
    );
    expect(job).toContain('"succeeded": 1');
    // Each Pod signs with a key of its own.
    const { text } = await world.verify();
    const keys = new Set([...text.matchAll(/--trust ([\da-f]{64})/gu)].map(([, key]) => key ?? ""));
    expect(keys.size, text).toBe(2);
    const trust = [...keys].flatMap((key) => ["--trust", key]);
    const verify = ["verify", "--evidence", world.evidence, ...trust];
    const verified = await runCanary(world.folder, verify, { env });
    expect(verified.code, verified.stdout).toBe(0);
  }, 240_000);

  test("changes the cluster with the rights of its plan alone, and is aborted from another machine", async () => {
    const world = await worldForTest();
    const kube = await startKubeWorld(cluster, SHOP);
    afterTest(() => kube[Symbol.asyncDispose]());
    const name = kube.namespace;
    const before = await kube.spec("ingress/shop-canary");
    const env = { KUBECONFIG: cluster.kubeconfig, CANARY_STORE: `kubernetes:///${name}` };
    const start = world.start(
      "cluster.yaml",
      [
        ...["--in-cluster", "--image", "local/process", "--command", `${process.execPath} ${BIN}`],
        ...["--set", `kubeconfig=${cluster.kubeconfig}`, "--set", `namespace=${name}`],
      ],
      env,
    );
    const weight = "canary-weight";
    const begun = await Promise.race([
      eventually(
        () => kube.run(["get", "ingress/shop-canary", "--output=json"]),
        (text) => text.includes(`${weight}": "10"`),
      ),
      start.exit.then(({ stdout, stderr }) => stdout + stderr),
    ]);
    expect(begun, begun + (await logs(name))).toContain(`${weight}": "10"`);
    const role = JSON.parse(await kube.run(["get", "roles", "--output=json"])) as RoleList;
    const rules = role.items.find(({ metadata }) => metadata.name.startsWith("canary-"))?.rules;
    expect(rules).toContainEqual({
      apiGroups: ["apps"],
      resources: ["deployments"],
      resourceNames: ["shop-canary"],
      verbs: ["get", "patch"],
    });
    expect(JSON.stringify(rules)).not.toContain("*");
    const folder = folderForTest();
    const aborted = await runCanary(folder, ["abort", "--reason", "from elsewhere"], { env });
    expect(aborted.code, aborted.stdout + aborted.stderr + (await logs(name))).toBe(31);
    expect((await start.exit).code).toBe(31);
    expect(await kube.spec("ingress/shop-canary")).toBe(before);
    await eventually(
      () => kube.run(["get", "jobs", "--output=json"]),
      (text) => text.includes('"Complete"'),
    );
  }, 240_000);
});
