import { z } from "zod";

import { namespaceInput, objectName, workloadInput } from "./object-input.ts";
import { rolloutState } from "./rollout-state.ts";
import { waitDriver } from "./wait-driver.ts";

const rolloutStatusInput = z.strictObject({ workload: workloadInput, namespace: namespaceInput });

export type RolloutStatusInput = z.infer<typeof rolloutStatusInput>;

/** Waits until a workload has rolled out. */
export const rolloutStatus = waitDriver<RolloutStatusInput>({
  kind: "rollout-status",
  description: "waits until a workload has rolled out; changes nothing",
  input: rolloutStatusInput,
  object: ({ workload, namespace }) => objectName(workload, namespace),
  command: ({ workload }) => `kubectl rollout status ${workload}`,
  judge: ({ workload }, live) =>
    live === null ? { kind: "waiting", why: `there is no ${workload}` } : rolloutState(live),
});
