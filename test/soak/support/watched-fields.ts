import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

import type { TestCluster } from "../../support/cluster.ts";

export interface WatchedFields {
  /** By the name of the field: its values in their order, without those that wrote again what was there. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  /** Versions of the object in which only canary's mark was new: writes without an effect. */
  readonly marksOnly: () => number;
  stop(): void;
}

export interface KubeThing {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: {
    readonly replicas?: number;
    readonly template?: {
      readonly spec: { readonly containers: readonly { readonly image: string }[] };
    };
  };
}

const MARK = "canary-rollout.dev/mark";

/** Watches every version of the object at an API path from now on: a write that is undone at once is seen too. */
export function watchFields(
  cluster: TestCluster,
  path: string,
  fieldsOf: (object: KubeThing) => Readonly<Record<string, string>>,
): WatchedFields {
  const values = new Map<string, readonly string[]>();
  let marks = 0;
  let mark: string | undefined;
  const args = [`--kubeconfig=${cluster.kubeconfig}`, "get", "--raw", path];
  const child = spawn("kubectl", args, { stdio: ["ignore", "pipe", "ignore"] });
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { object } = JSON.parse(line) as { readonly object: KubeThing };
    let hasEffect = false;
    for (const [name, value] of Object.entries(fieldsOf(object))) {
      const known = values.get(name) ?? [];
      if (known.at(-1) === value) continue;
      hasEffect = true;
      values.set(name, [...known, value]);
    }
    const now = object.metadata.annotations?.[MARK];
    if (!hasEffect && now !== mark) marks += 1;
    mark = now;
  });
  return { values, marksOnly: () => marks, stop: () => void child.kill() };
}
