import type { End } from "./ending.ts";
import type { UndoResult } from "./event.ts";
import type { State } from "./state.ts";
import { tellUndone } from "./tell-undone.ts";

/** What could not be read though the journal says that it was never set, and was not undone since. */
export function unreadOf({ unread, undone }: State): readonly UndoResult[] {
  return unread.filter(({ field }) => undone[field] === undefined);
}

/** The end of a way back on which every value that was set is back: an abort says so by its own exit code. */
export function endOfWayBack(state: State): End {
  const unread = unreadOf(state);
  const why = [...state.failures, ...unread.map(tellUndone)];
  if (why.length > 0)
    return { kind: "rollback-failed", certain: unread.length === 0, why: why.join("; ") };
  return { kind: "rolled-back", by: state.cause?.kind === "abort" ? "abort" : "machine" };
}

/** The end where the values are back, and all is not well, or (`certain` is false) nobody can tell. */
export function notVerified(
  state: State,
  { certain, why }: { readonly certain: boolean; readonly why: string },
): End {
  const unread = unreadOf(state);
  if (unread.length === 0)
    return {
      kind: "rollback-failed",
      certain,
      why: `the values are back, but ${why}`,
      restored: true,
    };
  return {
    kind: "rollback-failed",
    certain: false,
    why: [why, ...unread.map(tellUndone)].join("; "),
  };
}
