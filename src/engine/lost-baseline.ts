import { trustedBundle, type Bundle } from "./bundle.ts";
import type { JournalEntry } from "./ports.ts";

/** Why a field can not be put back, in words. */
export const GONE = "what was there before is not known: rollback.json is gone or was changed";

/** A field whose value before the rollout is not known any more. */
export interface LostBaseline {
  /** Its key; `every value` where not even the journal says which they are. */
  readonly key: string;
  /** The actions that wrote it, or may have; none where it is as it was; null: any of them. */
  readonly actions: readonly string[] | null;
}

/**
 * What of the bundle can be trusted, and what the journal says was captured and written and is not there: it can not be
 * called restored, whatever is done for it.
 */
export function trust(
  bundle: Bundle | null,
  rollout: string,
  entries: readonly JournalEntry[],
): { readonly bundle: Bundle | null; readonly lost: readonly LostBaseline[] } {
  const own = bundle?.rollout === rollout ? bundle : null;
  const lines = entries.flatMap(({ event }) =>
    event.kind === "baseline-captured" ? [event.fields] : [],
  );
  // A damaged journal may have lost what was captured: the bundle is then all that is known of it.
  if (lines.length === 0) return { bundle: own, lost: own === null ? everything(entries) : [] };
  const captured = Object.assign({}, ...lines) as Record<string, string>;
  const trusted = own === null ? null : trustedBundle(own, captured);
  const changed = trusted?.changed ?? Object.keys(captured);
  const lost = changed.map((key) => ({ key, actions: writersOf(key, entries) }));
  return { bundle: trusted?.bundle ?? null, lost };
}

/** Whether it is not what it was, or may not be. */
export function isTouched({ actions }: LostBaseline): boolean {
  return actions === null || actions.length > 0;
}

/** Neither journal nor bundle says what was there before what was begun. */
function everything(entries: readonly JournalEntry[]): readonly LostBaseline[] {
  return entries.some(({ event }) => event.kind === "action-intended")
    ? [{ key: "every value", actions: null }]
    : [];
}

function writersOf(key: string, entries: readonly JournalEntry[]): readonly string[] | null {
  const intents = entries.flatMap(({ event }) => (event.kind === "action-intended" ? [event] : []));
  // A presumed intent stands for lines that are lost: which fields they named nobody knows.
  if (intents.some(({ effect }) => effect === "")) return null;
  const writers = intents.filter(({ fields }) => Object.hasOwn(fields, key));
  return [...new Set(writers.map(({ action }) => action))];
}
