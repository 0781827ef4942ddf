import { trustedBundle, type Bundle, type BundleField } from "./bundle.ts";
import type { Locks, Place } from "./lock-targets.ts";
import type { Engine } from "./ports.ts";
import { readBundle } from "./read-bundle.ts";
import { readRollout } from "./read-rollout.ts";

export interface Inherited {
  readonly fields: readonly BundleField[];
  /** Baselines that the earlier rollout captured, and that its bundle does not hold as they were. */
  readonly problems: readonly string[];
}

/**
 * A start over a rollout that did not give its targets back goes back to where that one began: its baseline replaces what
 * was just read, and what it could have set counts as ours. Its bundle is believed only as far as its journal's hashes say:
 * a value that never was there must not become what a rollback leads to.
 */
export async function inheritBaseline(
  engine: Engine,
  inherited: Locks["inherited"],
  fields: readonly BundleField[],
): Promise<Inherited> {
  const earlier = new Map(
    await Promise.all(
      [...inherited].map(
        async ([target, place]) => [target, await trusted(engine, place)] as const,
      ),
    ),
  );
  const problems: string[] = [];
  const inheriting = fields.map((entry) => {
    const from = earlier.get(entry.field.target);
    if (from?.changed.includes(entry.field.key) === true)
      problems.push(
        `${entry.field.label}: what rollout ${from.rollout} found there is missing in its rollback.json, or was changed in it: ` +
          "put the value right by hand, then start with --accept-live",
      );
    const first = from?.bundle?.fields.find(({ field }) => field.key === entry.field.key);
    if (first === undefined) return entry;
    const ours = [...entry.ours, ...first.ours, entry.baseline];
    return { ...entry, baseline: first.baseline, ours };
  });
  return { fields: inheriting, problems };
}

interface Trusted {
  readonly rollout: string;
  readonly bundle: Bundle | null;
  /** Keys of fields whose baseline was captured, and is not in the bundle as it was. */
  readonly changed: readonly string[];
}

async function trusted(engine: Engine, { rollout, evidence }: Place): Promise<Trusted> {
  const store = evidence === engine.evidence ? engine.store : engine.elsewhere(evidence).store;
  const read = await readRollout(store, evidence, rollout, engine.readEvidence);
  const captured: Readonly<Record<string, string>> = Object.assign(
    {},
    ...("missing" in read
      ? []
      : read.entries.map(({ event }) => (event.kind === "baseline-captured" ? event.fields : {}))),
  );
  const bundle = await readBundle(evidence, rollout, engine.readEvidence).catch(() => null);
  return bundle === null
    ? { rollout, bundle, changed: Object.keys(captured) }
    : { rollout, ...trustedBundle(bundle, captured) };
}
