import { readFile, readdir } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

import { kubectl, type TestCluster } from "../../support/cluster.ts";

/** How a Pod goes: told in time; with its node; or only its object, while its process goes on for some seconds. */
export type Leaving = "gracefully" | "at once" | "orphaned";

export interface Deletion {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly pod: string;
  readonly leaving: Leaving;
}

const WAYS: readonly Leaving[] = ["gracefully", "at once", "at once", "orphaned"];
/** How long the process of a deleted Pod may still run on a node that nobody reaches, in milliseconds. */
const ORPHANED = 8000;

/** Deletes the newest running Pod of a namespace, in one of the ways; null when none runs. */
export async function deletePod(cluster: TestCluster, namespace: string): Promise<Deletion | null> {
  const pod = await newestPod(cluster, namespace);
  if (pod === null) return null;
  const leaving = WAYS[Math.floor(Math.random() * WAYS.length)] ?? "gracefully";
  const force = leaving === "gracefully" ? [] : ["--grace-period=0", "--force"];
  const deletion = { at: Date.now(), pod, leaving };
  await kubectl(cluster, [
    ...["--namespace", namespace, "delete", "pod", pod, "--wait=false", "--ignore-not-found"],
    ...force,
  ]);
  if (leaving === "orphaned") await sleep(Math.random() * ORPHANED);
  if (leaving !== "gracefully") await killProcesses(namespace, pod);
  return deletion;
}

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  }[];
}

async function newestPod(cluster: TestCluster, namespace: string): Promise<string | null> {
  const listed = await kubectl(cluster, [
    ...["--namespace", namespace, "get", "pods", "--field-selector=status.phase=Running"],
    ...["--selector=canary-rollout.dev/rollout", "--sort-by=.metadata.creationTimestamp"],
    "--output=json",
  ]);
  const { items } = JSON.parse(listed) as PodList;
  const newest = items.findLast(({ metadata }) => metadata.deletionTimestamp === undefined);
  return newest?.metadata.name ?? null;
}

/** Every process of a Pod, as the end of its container ends them; found by the environment that they inherit. */
async function killProcesses(namespace: string, pod: string): Promise<void> {
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/u.test(pid)) continue;
    const environment = (await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "")).split(
      "\0",
    );
    if (!environment.includes(`POD_NAME=${pod}`)) continue;
    if (!environment.includes(`POD_NAMESPACE=${namespace}`)) continue;
    try {
      process.kill(Number(pid), "SIGKILL");
    } catch {
      // It was gone first.
    }
  }
}
