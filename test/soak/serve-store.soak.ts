import { describe, test } from "vitest";

import { expectKillSwitch } from "../serve/shared-store-world.ts";
import { clusterForTest, kubectl, withoutCluster } from "../support/cluster.ts";

describe.skipIf(withoutCluster)("the kill switch of rollouts in a cluster", () => {
  test("refuses who may not, and aborts for who may, on another machine", async () => {
    const cluster = await clusterForTest();
    await kubectl(cluster, ["create", "namespace", "kill-switch"]);
    await expectKillSwitch("kubernetes:///kill-switch", { KUBECONFIG: cluster.kubeconfig });
  }, 120_000);
});
