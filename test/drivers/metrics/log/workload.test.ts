import { expect, onTestFinished, test } from "vitest";

import type { Sample } from "../../../../src/core/sample.ts";
import { logConfig, logDriver } from "../../../../src/drivers/metrics/log.ts";
import { logQuery } from "../../../../src/drivers/metrics/log/log-query.ts";
import { clusterForTest, describeCluster } from "../../../support/cluster.ts";
import { kubeletForTest, type FakeKubelet } from "../../../support/fake-kubelet.ts";
import { deploymentManifest, startKubeWorld, type KubeWorld } from "../../../support/kube-world.ts";

const WINDOW = 60_000;
const COUNT = { count: "ERROR" };

interface Logs {
  readonly kube: KubeWorld;
  readonly kubelet: FakeKubelet;
  readonly ask: (query?: object, window?: number, timeout?: number) => Promise<Sample>;
}

/** A deployment without replicas of its own, whose Pods the test makes. */
async function logsForTest(as: "admin" | "restricted" = "admin"): Promise<Logs> {
  const kube = await startKubeWorld(await clusterForTest(), [
    deploymentManifest("shop", { replicas: 0 }),
  ]);
  onTestFinished(() => kube[Symbol.asyncDispose]());
  const kubelet = await kubeletForTest(kube);
  const source = logDriver.open(logConfig.parse({ workload: "deployment/shop" }));
  onTestFinished(() => source.close());
  return {
    kube,
    kubelet,
    ask: (query = COUNT, window = WINDOW, timeout = 20_000) =>
      source.sample(
        logQuery.parse(query),
        window,
        kube.context({ as, signal: AbortSignal.timeout(timeout) }),
      ),
  };
}

const LABELS = { app: "shop" };

describeCluster("lines of the Pods of a workload", () => {
  test("are counted once each, over all Pods, back to before they were asked for", async () => {
    const { kubelet, ask } = await logsForTest("restricted");
    await kubelet.addPod("shop-a", LABELS);
    await kubelet.addPod("shop-b", LABELS);
    await kubelet.addPod("other", { app: "other" });
    kubelet.log("shop-a", "ERROR long ago", 100_000);
    kubelet.log("shop-a", "ERROR 1", 30_000);
    kubelet.log("shop-a", "fine", 20_000);
    kubelet.log("shop-b", "ERROR 2", 3000);
    kubelet.log("other", "ERROR of another");
    expect(await ask()).toMatchObject({ kind: "value", value: 2, samples: 3 });
    kubelet.log("shop-b", "ERROR 3");
    kubelet.log("shop-a", "ERROR 4");
    expect(await ask()).toMatchObject({ value: 4, samples: 5 });
    expect(await ask()).toMatchObject({ value: 4, samples: 5 });
    await kubelet.addPod("shop-c", LABELS);
    kubelet.log("shop-c", "ERROR of a new Pod");
    expect(await ask()).toMatchObject({ value: 5 });
    expect(await ask(COUNT, 10_000)).toMatchObject({ value: 4 });
    expect(await ask(COUNT, 200_000)).toMatchObject({ value: 6 });
    // Several metrics of one connection, asked in one tick.
    await Promise.all([ask(COUNT), ask({ count: "fine" })]);
    kubelet.log("shop-a", "fine ERROR");
    const before = kubelet.asked();
    const [errors, fine] = await Promise.all([ask(COUNT), ask({ count: "fine" })]);
    expect(kubelet.asked() - before).toBe(3);
    expect([errors, fine]).toMatchObject([{ value: 6 }, { value: 2 }]);
  }, 60_000);

  test("that are silent, unreadable or not there", async () => {
    const { kube, kubelet, ask } = await logsForTest();
    expect(await ask()).toMatchObject({
      kind: "error",
      why: expect.stringContaining("no Pod has the labels app=shop"),
    });
    await kubelet.addPod("shop-a", LABELS);
    expect(await ask()).toMatchObject({
      kind: "noData",
      why: expect.stringContaining("nothing was written"),
    });
    kubelet.failing = { status: 500, body: "disk broken" };
    expect(await ask()).toMatchObject({
      kind: "error",
      why: expect.stringContaining("disk broken"),
    });
    kubelet.failing = null;
    expect(await ask(COUNT, WINDOW, 1500)).toMatchObject({ kind: "error" });
    kubelet.failing = undefined;
    kubelet.log("shop-a", "to jane@example.com");
    const found = await ask({ scan: ["email"] });
    expect(found).toMatchObject({
      value: 1,
      finds: [expect.stringMatching(/^email in a line of pod\/shop-a\/app \(sha256 \w+\)$/)],
    });
    const none = logDriver.open({ workload: "deployment/none" });
    onTestFinished(() => none.close());
    expect(await none.sample(COUNT, WINDOW, kube.context())).toMatchObject({
      kind: "error",
      why: expect.stringContaining("NotFound"),
    });
  }, 60_000);
});

test.each([
  [{}, "state a `file`, or a `workload`"],
  [{ file: "x", workload: "deployment/x" }, "state a `file`, or a `workload`"],
  [{ workload: "deployment/x", time: "^x" }, "kubectl tells the time"],
  [{ file: "x", namespace: "y" }, "`namespace` goes with a `workload`"],
  [{ workload: "x" }, "kind/name"],
])("the connection %j is refused", (config, message) => {
  expect(JSON.stringify(logConfig.safeParse(config).error?.issues)).toContain(message);
});
