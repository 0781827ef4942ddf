import type { Effect } from "../core/effect.ts";
import { isBackward } from "../core/unwind.ts";
import { adoptSecondCopy } from "./adopt-second-copy.ts";
import { aheadOfJournal } from "./ahead-of-journal.ts";
import { begunBeyond, type Found } from "./begun-beyond.ts";
import { expectedValue, type BundleField } from "./bundle.ts";
import { linesLost } from "./lines-lost.ts";
import { readEntries, type EntryRead } from "./read-entries.ts";
import type { Run } from "./run.ts";
import { show } from "./tell-undo.ts";

/**
 * Reads what the journal does not say was set. A journal whose last lines are lost, with a disk or in a store that came back
 * as it once was, reads as a shorter one: what the rollout did in those lines shows only in the targets, and in what
 * else knows how long the journal was. On the way forward everything is read, on the way back what is not back anyway.
 */
export async function performSearch(
  run: Run,
  effect: Extract<Effect, { kind: "search" }>,
  cancel: AbortSignal,
): Promise<void> {
  const lost = linesLost(run);
  await adoptSecondCopy(run);
  const entries = run.bundle?.fields ?? [];
  const asked = isBackward(run.state) ? entries.filter((entry) => !isNamed(run, entry)) : entries;
  const reads = await readEntries(run, asked, cancel);
  const met = [...run.ahead, ...reads.flatMap((read) => strayOf(run, read, entries) ?? [])];
  const gone = await lost;
  const actions = begunBeyond(run, { met, gone, reads });
  await run.record({
    kind: "searched",
    effect: effect.id,
    actions,
    why: whyOf(run, { met, gone, reads }, actions),
    left: reads.flatMap((read) => unread(run, read)),
  });
}

/** Whether the journal says that something was begun that writes it. */
function isNamed({ state }: Run, entry: BundleField): boolean {
  return expectedValue(entry, state.intended) !== null;
}

/** The action that a value, or the mark on its target, is of; null where it is of none, or of one that the journal names. */
function strayOf(
  run: Run,
  { entry, reading }: EntryRead,
  all: readonly BundleField[],
): string | null {
  if (reading === null) return null;
  const { mark, value } = reading;
  const isTheirs =
    mark !== null && mark.rollout !== run.rollout && mark.rollout !== entry.mark?.rollout;
  if (isTheirs) return null;
  const met = aheadOfJournal(run, entry, value);
  if (met !== null || mark?.rollout !== run.rollout) return met;
  const target = all.filter(({ field }) => field.target === entry.field.target);
  // A mark is of a target: one of its fields was written.
  return target.some((each) => isNamed(run, each)) ? null : (entry.writes[0]?.action ?? null);
}

function unread(
  run: Run,
  { entry, why }: EntryRead,
): readonly {
  readonly field: string;
  readonly label: string;
  readonly result: "unknown";
  readonly why: string;
}[] {
  if (why === null || isNamed(run, entry)) return [];
  const { key, label } = entry.field;
  const said = `could not be read, and only the journal says that it was never set: ${why}`;
  return [{ field: key, label, result: "unknown", why: said }];
}

function whyOf(run: Run, { met, gone, reads }: Found, actions: readonly string[]): string {
  const shown = reads.flatMap(({ entry, reading }) => {
    if (reading === null || aheadOfJournal(run, entry, reading.value) === null) return [];
    return [`${entry.field.label} is ${show(run, reading.value)}, and no line of it says so`];
  });
  const only = shown.length === 0 && met.length > 0 ? [`${met.join(", ")} had been begun`] : [];
  const isTelling = gone > 0 && (met.length > 0 || actions.length > 0);
  const counted = isTelling
    ? [`${gone} line${gone === 1 ? "" : "s"} of it that were counted once are gone`]
    : [];
  return [...shown, ...only, ...counted].join("; ");
}
