import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "vitest";

import { expectAbortThroughSilence } from "../e2e/support/abort-through-silence.ts";
import { folderForTest } from "../e2e/support/run-canary.ts";
import { afterTest } from "../support/after-test.ts";
import { describeCluster, type TestCluster } from "../support/cluster.ts";

/** Where the scripts lie that start and stop a control plane. */
const SCRIPTS = process.env["CANARY_TEST_CLUSTER"] ?? "";

describeCluster("an API server that is stopped for twenty seconds", () => {
  test.for(["file", "shared"] as const)(
    "an abort with the journal in the %s store waits for it, and restores everything",
    async (store) => {
      const { cluster, pid } = ownControlPlane();
      await expectAbortThroughSilence(cluster, store, () => {
        process.kill(pid, "SIGSTOP");
        return () => process.kill(pid, "SIGCONT");
      });
    },
  );
});

/** Stopping the one that all files of a run share would stop them too. */
function ownControlPlane(): { readonly cluster: TestCluster; readonly pid: number } {
  const folder = join(folderForTest(), "cluster");
  const port = 31_000 + Math.floor(Math.random() * 1000);
  execFileSync(join(SCRIPTS, "up"), [folder, String(port)], { stdio: "ignore" });
  afterTest(() => execFileSync(join(SCRIPTS, "down"), [folder], { stdio: "ignore" }));
  const kubeconfig = join(folder, "admin.kubeconfig");
  const server = /https:\/\/(127\.0\.0\.1:\d+)/u.exec(readFileSync(kubeconfig, "utf8"))?.[1] ?? "";
  const pid = Number(readFileSync(join(folder, "apiserver.pid"), "utf8"));
  return { cluster: { kubeconfig, restricted: kubeconfig, server }, pid };
}
