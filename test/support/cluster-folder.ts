import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { access, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import type { TestProject } from "vitest/node";

declare module "vitest" {
  export interface ProvidedContext {
    clusterFolder: string;
  }
}

/** Names the folder in which the first test that needs a control plane starts it, and stops that at the end of the run. */
export function setup(project: TestProject): () => Promise<void> {
  const folder = join(tmpdir(), `canary-cluster-${randomUUID()}`);
  project.provide("clusterFolder", folder);
  return async () => {
    const cluster = join(folder, "cluster");
    const scripts = process.env["CANARY_TEST_CLUSTER"];
    const ran = await access(cluster).then(
      () => true,
      () => false,
    );
    if (ran && scripts !== undefined) await promisify(execFile)(join(scripts, "down"), [cluster]);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
}
