import { sameValue, type FieldValue } from "../core/field.ts";
import type { Action } from "../core/plan.ts";
import type { BundleField } from "./bundle.ts";
import { requestOf } from "./perform-apply.ts";
import type { EntryRead } from "./read-entries.ts";
import type { Run } from "./run.ts";

/**
 * The actions that were begun in lines which the journal lost. Actions are begun in the order of the plan: so all up to the
 * last whose value was met, and behind that what cannot show whether it was, until one that shows it was not.
 */
export function begunBeyond(run: Run, { met, gone, reads }: Found): readonly string[] {
  const { plan, state, bundle } = run;
  // It is written, wherever one lies, before anything is begun.
  if (bundle === null) return [];
  const order = [...plan.stages.flatMap(({ actions }) => actions), ...plan.finish];
  const begun = new Set([...state.intended, ...met]);
  // The actions of playbooks have no place in that order, and say nothing of it.
  if (gone === 0 && !order.some(({ id }) => met.includes(id))) return [...new Set(met)];
  const last = order.findLastIndex(({ id }) => begun.has(id));
  const beyond = order.slice(last + 1);
  const clear = beyond.findIndex((action) => !mayHaveBegun(run, action, { reads, begun }));
  const reach = order.slice(0, clear < 0 ? order.length : last + 1 + clear);
  return [...new Set([...reach.map(({ id }) => id), ...met])].filter(
    (id) => !state.intended.includes(id),
  );
}

/** What shows that lines are lost: actions whose values were met, and how many lines were signed for and are gone. */
export interface Found {
  readonly met: readonly string[];
  readonly gone: number;
  readonly reads: readonly EntryRead[];
}

interface Seen {
  readonly reads: readonly EntryRead[];
  readonly begun: ReadonlySet<string>;
}

/**
 * A call leaves nothing that can be read, nor does what sets nothing new. Of the rest only the value from before, or that
 * of a begun action, says that it was not begun.
 */
function mayHaveBegun(run: Run, action: Action, { reads, begun }: Seen): boolean {
  const driver = run.engine.catalog.actions.get(action.driver);
  if (driver === undefined || action.role === "release") return false;
  if (driver.style(requestOf(run, action).input) === "call") return true;
  const telling = (run.bundle?.fields ?? []).filter((entry) =>
    entry.writes.some((write) => write.action === action.id && isNew(entry, write.value, begun)),
  );
  const found = reads.filter(({ entry }) => telling.includes(entry));
  return (
    telling.length === 0 ||
    // What could not be read is named by itself, and the next who can read it goes on from there.
    found.some(({ entry, reading }) => reading !== null && isNew(entry, reading.value, begun))
  );
}

/** Whether a value is neither the one from before nor that of a begun action. */
function isNew(
  { baseline, atStart, writes }: BundleField,
  value: FieldValue,
  begun: ReadonlySet<string>,
): boolean {
  const own = writes.filter(({ action }) => begun.has(action)).map((write) => write.value);
  return ![baseline, atStart, ...own].some((known) => sameValue(known, value));
}
