import { beforeAll, expect, onTestFinished, test } from "vitest";

import { createKubernetesStore } from "../../src/store/kubernetes/kubernetes-store.ts";
import type { SharedStore } from "../../src/store/shared-store.ts";
import { storeAttacks } from "../support/attack-store.ts";
import { clusterForTest, describeCluster, kubectl, type TestCluster } from "../support/cluster.ts";
import { storeContract } from "../support/contract-store.ts";

const ROLLOUT = "01jf0000000000000000000001";

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

  function open(name: string, kubeconfig = cluster.kubeconfig): SharedStore {
    const where = `kubernetes:///${name}`;
    const store = createKubernetesStore({
      where,
      context: null,
      namespace: name,
      kubeconfig,
      beatEvery: 0,
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
});
