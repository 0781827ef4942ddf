import { execFile } from "node:child_process";
import { access, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { describe, inject } from "vitest";

import { isFree } from "./free-port.ts";

const run = promisify(execFile);

/** A real API server on loopback, with its controllers and simulated nodes. */
export interface TestCluster {
  readonly kubeconfig: string;
  /** The kubeconfig of a user without any right, until RBAC gives some. */
  readonly restricted: string;
  /** `127.0.0.1:port` of the API server. */
  readonly server: string;
}

/** Where the scripts `up DIR PORT` and `down DIR` lie that start and stop a control plane. */
const scripts = process.env["CANARY_TEST_CLUSTER"] ?? "";

/** Why tests against a real API server are left out here; false when they run. In CI they may not be left out. */
export const withoutCluster = ((): string | false => {
  if (scripts !== "") return false;
  const why = "CANARY_TEST_CLUSTER names no folder with the scripts `up` and `down`";
  if (process.env["CI"] === "true") throw new Error(`${why}: in CI these tests may not be skipped`);
  return why;
})();

/** A `describe` against a real API server, left out where there is none. */
export const describeCluster: (name: string, tests: () => void) => void =
  // oxlint-disable-next-line vitest/valid-title, vitest/valid-describe-callback -- it is called by the test files
  describe.skipIf(withoutCluster);

/**
 * The control plane of this test run: the first file that asks starts it, which takes about eight seconds and 600 MiB,
 * all others share it, and the global setup stops it. A namespace for each test keeps them apart.
 */
export async function clusterForTest(): Promise<TestCluster> {
  const folder = inject("clusterFolder");
  await mkdir(folder, { recursive: true });
  try {
    await mkdir(join(folder, "asked"));
  } catch {
    return await startedCluster(folder);
  }
  try {
    await run(join(scripts, "up"), [join(folder, "cluster"), String(await freePorts(5))]);
  } catch (error) {
    await writeFile(join(folder, "failed"), String(error));
  }
  await writeFile(join(folder, "started"), "");
  return await startedCluster(folder);
}

async function startedCluster(folder: string): Promise<TestCluster> {
  while (!(await exists(join(folder, "started")))) await pause(200);
  if (await exists(join(folder, "failed")))
    throw new Error(await readFile(join(folder, "failed"), "utf8"));
  const kubeconfig = join(folder, "cluster", "admin.kubeconfig");
  const server = /https:\/\/(127\.0\.0\.1:\d+)/.exec(await readFile(kubeconfig, "utf8"))?.[1] ?? "";
  return { kubeconfig, restricted: join(folder, "cluster", "alice.kubeconfig"), server };
}

/** Makes the objects of a project known to the API server, in the shapes that the project publishes. */
export async function installCrd(cluster: TestCluster, file: string, name: string): Promise<void> {
  const path = join(scripts, "..", "crds", `${file}.json`);
  await kubectl(cluster, ["apply", "--server-side", "--validate=false", "--filename", path]);
  const asked = ["get", `crd/${name}`, "--output=json"];
  const established = /"status": "True",\s+"type": "Established"/;
  while (!established.test(await kubectl(cluster, asked))) await pause(100);
}

/** Runs kubectl as the administrator, for the test's own look at the truth. */
export async function kubectl(
  cluster: Pick<TestCluster, "kubeconfig">,
  args: readonly string[],
  input = "",
): Promise<string> {
  const child = run("kubectl", [`--kubeconfig=${cluster.kubeconfig}`, ...args], {
    maxBuffer: 64 * 1024 * 1024,
  });
  child.child.stdin?.end(input);
  return (await child).stdout;
}

/** The first of `count` ports in a row that are free now. */
async function freePorts(count: number): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const first = 20_000 + Math.floor(Math.random() * 10_000);
    const free = await Promise.all(Array.from({ length: count }, (_, i) => isFree(first + i)));
    if (free.every(Boolean)) return first;
  }
  throw new Error(`found no ${count} free ports in a row`);
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
