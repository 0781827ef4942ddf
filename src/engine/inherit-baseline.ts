import type { BundleField } from "./bundle.ts";
import type { Locks } from "./lock-targets.ts";
import type { Engine } from "./ports.ts";
import { readBundle } from "./read-bundle.ts";

/**
 * A start over a rollout that did not give its targets back goes back to where that one began: its baseline replaces what
 * was just read, and what it could have set counts as ours.
 */
export async function inheritBaseline(
  { readEvidence }: Pick<Engine, "readEvidence">,
  inherited: Locks["inherited"],
  fields: readonly BundleField[],
): Promise<readonly BundleField[]> {
  const bundles = new Map(
    await Promise.all(
      [...inherited].map(
        async ([target, { evidence, rollout }]) =>
          [target, await readBundle(evidence, rollout, readEvidence)] as const,
      ),
    ),
  );
  return fields.map((entry) => {
    const from = bundles.get(entry.field.target);
    const first = from?.fields.find(({ field }) => field.key === entry.field.key);
    if (first === undefined) return entry;
    const ours = [...entry.ours, ...first.ours, entry.baseline];
    return { ...entry, baseline: first.baseline, ours };
  });
}
