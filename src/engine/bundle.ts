import type { Owner } from "../core/event.ts";
import type { Field, FieldValue } from "../core/field.ts";
import { sameValue } from "../core/field.ts";
import type { Plan } from "../core/plan.ts";
import type { Mark } from "../drivers/driver.ts";
import { hashValue } from "../evidence/hash-value.ts";

/** One field of the undo list: where it is, what it was, and every value that this rollout could have given it. */
export interface BundleField {
  readonly field: Field;
  readonly baseline: FieldValue;
  /** What it was at the start: the baseline, unless an unfinished rollout's was inherited. */
  readonly atStart: FieldValue;
  readonly ours: readonly FieldValue[];
  /** The mark that was on the target before. */
  readonly mark: Mark | null;
  /** The actions that write it, in the order of the plan, with the value each writes. */
  readonly writes: readonly { readonly action: string; readonly value: FieldValue }[];
}

/**
 * The undo list, resolved but for secrets, written before the first change and never again.
 * `canary abort --bundle FILE` works from it alone.
 */
export interface Bundle {
  readonly v: 1;
  readonly rollout: string;
  /** The epoch that wrote it, and the process that owned it. */
  readonly epoch: number;
  readonly owner: Owner;
  readonly digest: string;
  readonly at: string;
  /** Connections, stated undos and verification, so that nothing else is needed. Secrets are references. */
  readonly plan: Plan;
  readonly fields: readonly BundleField[];
}

/** Whether a live value is one that the rollout could have set, or what was there before. Anything else is foreign. */
export function isOurs(entry: BundleField, live: FieldValue): boolean {
  return sameValue(entry.baseline, live) || entry.ours.some((value) => sameValue(value, live));
}

/** The fields whose last touch, in the order of intents, was by one of these actions: each field is undone once, there. */
export function fieldsOf(
  bundle: Bundle,
  intended: readonly string[],
  actions: readonly string[],
): readonly BundleField[] {
  const wanted = new Set(actions);
  return bundle.fields.filter((entry) => {
    const touched = intended.filter((id) => entry.writes.some(({ action }) => action === id));
    const last = touched.at(-1);
    return last !== undefined && wanted.has(last);
  });
}

/** What a field should be now: the value of its last intended write; null when nothing wrote it yet. */
export function expectedValue(entry: BundleField, intended: readonly string[]): FieldValue | null {
  const last = intended.findLast((id) => entry.writes.some(({ action }) => action === id));
  return entry.writes.find(({ action }) => action === last)?.value ?? null;
}

/**
 * The bundle without the fields that are not what the journal says was captured: an undo from a changed or cut bundle
 * would write something that never was. What is missing then shows as not restored.
 */
export function trustedBundle(
  bundle: Bundle,
  captured: Readonly<Record<string, string>>,
): { readonly bundle: Bundle; readonly changed: readonly string[] } {
  const fields = bundle.fields.filter(
    ({ field, baseline }) => captured[field.key] === hashValue(baseline),
  );
  const kept = new Set(fields.map(({ field }) => field.key));
  const changed = Object.keys(captured).filter((key) => !kept.has(key));
  return { bundle: { ...bundle, fields }, changed };
}
