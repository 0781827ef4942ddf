import type { Evidence } from "../core/plan.ts";
import { redactPersonal } from "../evidence/redact-personal.ts";
import { createRun, type RunIdentity } from "./create-run.ts";
import { takeEvidence } from "./perform-collect.ts";
import type { Engine } from "./ports.ts";
import type { RolloutRead } from "./read-rollout.ts";
import { restoreSecrets } from "./restore-secrets.ts";
import { plainOptions } from "./run.ts";

/** What one question of a diagnosis was answered. */
export interface Finding {
  readonly item: Evidence;
  /** The answer, redacted; or why there is none. */
  readonly text: string;
  readonly isMissing: boolean;
}

/** Asks what a playbook wants to know, all at once. Reads only; `read` is the rollout that it is about, if there is one. */
export async function diagnose(
  engine: Engine,
  identity: Omit<RunIdentity, "epoch">,
  items: readonly Evidence[],
  read: RolloutRead | null,
): Promise<readonly Finding[]> {
  // Epoch 0 owns nothing: whatever carries it is nobody's write.
  const run = createRun(engine, { ...identity, epoch: 0 }, plainOptions, read?.entries ?? []);
  run.state = read?.state ?? run.state;
  const never = new AbortController().signal;
  try {
    await restoreSecrets(run, items, never);
    return await Promise.all(
      items.map(async (item): Promise<Finding> => {
        const result = await takeEvidence(run, item, false, never);
        if (result.kind === "missing")
          return { item, text: run.redactor.redact(result.why), isMissing: true };
        const { content } = result;
        const text = typeof content === "string" ? content : `${content.length} bytes`;
        return { item, text: redactPersonal(run.redactor.redact(text)), isMissing: false };
      }),
    );
  } finally {
    for (const source of run.sources.values()) source.close();
  }
}
