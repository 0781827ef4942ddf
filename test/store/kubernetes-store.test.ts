import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { beforeAll, expect, onTestFinished, test } from "vitest";

import { createKubernetesStore } from "../../src/store/kubernetes/kubernetes-store.ts";
import type { SharedStore } from "../../src/store/shared-store.ts";
import { storeAttacks } from "../support/attack-store.ts";
import { clusterForTest, describeCluster, kubectl, type TestCluster } from "../support/cluster.ts";
import { storeContract } from "../support/contract-store.ts";
import { folderForTest } from "../support/real-server.ts";
import { startTcpGate, type TcpGate } from "../support/tcp-gate.ts";

const ROLLOUT = "01jf0000000000000000000001";

/** What the Role of the docs gives. */
const VERBS = ["get", "list", "create", "patch"];

describeCluster("the kubernetes store", () => {
  let cluster: TestCluster;
  let count = 0;
  beforeAll(async () => {
    cluster = await clusterForTest();
  }, 60_000);

  /** A namespace of its own for each test. */
  async function namespace(): Promise<string> {
    count += 1;
    const name = `store-${process.pid}-${count}`;
    await kubectl(cluster, ["create", "namespace", name]);
    return name;
  }

  function open(name: string, kubeconfig = cluster.kubeconfig, patience = 5000): SharedStore {
    const where = `kubernetes:///${name}`;
    const store = createKubernetesStore({
      where,
      context: null,
      namespace: name,
      kubeconfig,
      beatEvery: 0,
      patience,
    });
    onTestFinished(() => store.close());
    return store;
  }

  storeContract("kubernetes", async () => {
    const name = await namespace();
    return { store: open(name), again: open(name) };
  });

  storeAttacks("kubernetes", { claims: 25, targets: 15, words: 15, kills: 4 }, async () => {
    const name = await namespace();
    return {
      address: `kubernetes:///${name}`,
      store: open(name),
      env: { KUBECONFIG: cluster.kubeconfig },
    };
  });

  test("a journal goes on in another part when one is full, and every reader sees it whole", async () => {
    const name = await namespace();
    const [store, again] = [open(name), open(name)];
    await store.claim(ROLLOUT, 1, "0");
    const lines = Array.from({ length: 30 }, (_, index) => `${index + 1} ${"é".repeat(10_000)}`);
    await store.append(ROLLOUT, 1, lines.slice(0, 20));
    expect((await again.read(ROLLOUT))[0]?.lines).toEqual(["0", ...lines.slice(0, 20)]);
    for (const line of lines.slice(20)) await store.append(ROLLOUT, 1, [line]);
    expect((await again.read(ROLLOUT))[0]?.lines).toEqual(["0", ...lines]);
    const huge = "y".repeat(500_000);
    await store.append(ROLLOUT, 1, [huge, "after"]);
    expect((await again.read(ROLLOUT))[0]?.lines.slice(-2)).toEqual([huge, "after"]);
    await expect(store.append(ROLLOUT, 1, ["z".repeat(1_000_000)])).rejects.toThrow(
      /longer than it can hold/u,
    );
    await store.append(ROLLOUT, 1, ["goes on"]);
    expect((await again.read(ROLLOUT))[0]?.lines.at(-1)).toBe("goes on");
  });

  /** A store whose connections go through a gate, and another one beside it. */
  async function gated(): Promise<{ gate: TcpGate; store: SharedStore; beside: SharedStore }> {
    const name = await namespace();
    const gate = await startTcpGate(cluster.server);
    onTestFinished(() => gate[Symbol.asyncDispose]());
    const path = join(await folderForTest(), "kubeconfig");
    const config = await readFile(cluster.kubeconfig, "utf8");
    await writeFile(path, config.replaceAll(cluster.server, gate.address));
    return { gate, store: open(name, path, 1500), beside: open(name) };
  }

  test("a claim or word whose answer is lost is still this process's own, and nobody else's", async () => {
    const { gate, store, beside } = await gated();
    await beside.claim(ROLLOUT, 1, "a");
    expect(await store.lastEpoch(ROLLOUT)).toBe(1);
    gate.state = "deaf";
    await expect(store.claim(ROLLOUT, 2, "mine")).rejects.toMatchObject({ code: "ESTORE" });
    gate.state = "open";
    expect(await store.claim(ROLLOUT, 2, "mine")).toBe("claimed");
    expect(await beside.claim(ROLLOUT, 2, "mine")).toBe("taken");
    await store.append(ROLLOUT, 2, ["on"]);
    expect((await beside.read(ROLLOUT)).at(-1)?.lines).toEqual(["mine", "on"]);
  }, 30_000);

  test("lines whose answer is lost stand once, and others in their place replace them", async () => {
    const { gate, store, beside } = await gated();
    const lines = async (): Promise<unknown> => (await beside.read(ROLLOUT))[0]?.lines;
    await store.claim(ROLLOUT, 1, "a");
    await store.append(ROLLOUT, 1, ["b"]);
    gate.state = "deaf";
    await expect(store.append(ROLLOUT, 1, ["c", "d"])).rejects.toThrow(/does not answer/u);
    expect(await lines()).toEqual(["a", "b", "c", "d"]);
    gate.state = "open";
    await store.append(ROLLOUT, 1, ["c", "d", "e"]);
    expect(await lines()).toEqual(["a", "b", "c", "d", "e"]);
    gate.state = "deaf";
    await expect(store.append(ROLLOUT, 1, ["f", "g"])).rejects.toThrow(/does not answer/u);
    gate.state = "mute";
    await expect(store.append(ROLLOUT, 1, ["f", "g"])).rejects.toThrow(/does not answer/u);
    gate.state = "open";
    await store.append(ROLLOUT, 1, ["F"]);
    expect(await lines()).toEqual(["a", "b", "c", "d", "e", "F"]);
    await gate.cut();
    await expect(store.lastEpoch(ROLLOUT)).rejects.toMatchObject({ code: "ESTORE" });
  }, 30_000);

  test("the Role of the docs is enough, and nothing less", async () => {
    const name = await namespace();
    const alice = open(name, cluster.restricted);
    expect(await alice.problem()).toMatch(/configmaps.* is forbidden.*docs\/stores\.md/u);
    await expect(alice.claim(ROLLOUT, 1, "a")).rejects.toThrow(/refuses: .*docs\/stores\.md/u);
    const page = await readFile(join(import.meta.dirname, "../../docs/stores.md"), "utf8");
    const [manifest = ""] = page.split("```yaml\n")[1]?.split("```") ?? [];
    expect(manifest).toContain("kind: Role");
    const applied = manifest.replaceAll("namespace: canary", `namespace: ${name}`);
    await kubectl(cluster, ["apply", "--filename=-"], applied.replaceAll("my-team", "devs"));
    expect(await alice.problem()).toBeNull();
    await alice.claim(ROLLOUT, 1, "a");
    await alice.append(ROLLOUT, 1, ["b"]);
    await alice.post(ROLLOUT, "word");
    await alice.beat(ROLLOUT, 1, 1);
    await alice.keep(ROLLOUT, "plan.json", "ü".repeat(400_000));
    expect(await open(name).kept(ROLLOUT, "plan.json")).toBe("ü".repeat(400_000));
    await alice.lock("target", ROLLOUT, 0);
    expect(await alice.list()).toEqual([ROLLOUT]);
    expect(await open(`${name}-not`).problem()).toMatch(/namespaces .* not found/u);
  });

  test("of a Role that lacks one verb it is said which", async () => {
    const name = await namespace();
    const group = ["--group=devs", `--namespace=${name}`];
    await kubectl(cluster, ["create", "rolebinding", "lacks", "--role=lacks", ...group]);
    const alice = open(name, cluster.restricted);
    for (const lacking of VERBS) {
      const given = VERBS.filter((verb) => verb !== lacking).join(",");
      const role = ["role", "lacks", `--namespace=${name}`];
      await kubectl(cluster, ["delete", ...role, "--ignore-not-found"]);
      await kubectl(cluster, ["create", ...role, "--resource=configmaps", `--verb=${given}`]);
      const says = new RegExp(`(?:may not|cannot) ${lacking} .*configmaps`, "u");
      await expect.poll(() => alice.problem(), { timeout: 10_000 }).toMatch(says);
    }
  });

  test("a heartbeat of somebody else is seen with the own one, and without a question in between", async () => {
    const name = await namespace();
    const where = `kubernetes:///${name}`;
    const { kubeconfig } = cluster;
    const place = { where, context: null, namespace: name, kubeconfig, beatEvery: 300 };
    const own = createKubernetesStore(place);
    onTestFinished(() => own.close());
    const other = open(name);
    await other.beat(ROLLOUT, 0, 1);
    await own.beat(ROLLOUT, 1, 1);
    expect(await own.readBeat(ROLLOUT, 0)).toBe(1);
    expect(await own.readBeat(ROLLOUT, 1)).toBe(1);
    await other.beat(ROLLOUT, 0, 2);
    await expect.poll(() => own.readBeat(ROLLOUT, 0), { timeout: 5000 }).toBe(2);
  });
});
