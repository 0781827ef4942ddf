import type { Fact } from "./event.ts";
import { noteIntent } from "./late-line.ts";
import { begin, drop, holdFor, type Turn } from "./turn.ts";
import { proceed } from "./unwind.ts";
import { goBack } from "./watch.ts";

type Searched = Extract<Fact, { kind: "searched" }>;

/** Takes in what a journal that lost its last lines does not say: from here on it counts as an intent without an answer. */
export function onSearched(turn: Turn, event: Searched): void {
  const { state } = turn;
  const isFirst = state.intended.length === 0;
  const begun = event.actions.filter((id) => !state.intended.includes(id) && noteIntent(turn, id));
  const { cause, phase } = state;
  if (isFirst && begun.length > 0 && phase.kind === "rolling-back" && cause !== null)
    turn.notes.push({ kind: "rolling-back", cause });
  state.unknown = [...new Set([...state.unknown, ...begun])];
  if (phase.kind === "rolling-back") return onWayBack(turn, event, begun.length > 0);
  if (phase.kind === "preparing") return beforeStart(turn, event);
  if (event.why !== "") hold(turn, event.why);
}

/** What was found is made impossible to land late, and undone with the rest. */
function onWayBack(turn: Turn, { left }: Searched, isMore: boolean): void {
  const { state } = turn;
  state.searched = true;
  state.unread = left;
  if (!isMore) return proceed(turn, "search");
  state.secured = null;
  state.phase = { kind: "rolling-back", step: "secure" };
}

/** By its journal nothing was begun. Where that is not so, what is there now must never be captured as the baseline. */
function beforeStart(turn: Turn, { why, left }: Searched): void {
  if (why === "" && left.length === 0) {
    begin(turn, { kind: "preflight" });
    return;
  }
  drop(turn, () => true);
  const unread = left.map(({ label, why: reason }) => `${label}: ${reason}`).join("; ");
  goBack(turn, { kind: "lost", text: why === "" ? unread : why, by: "canary" });
}

/** A hold that stands already stays what it was for: both are answered by one word. */
function hold(turn: Turn, why: string): void {
  const { state } = turn;
  const before = state.hold === null ? "" : `${state.hold.why}; `;
  state.hold = null;
  const said = "resume goes on from what the journal says, abort undoes all of it";
  holdFor(turn, { kind: "unknown", why: `${before}${why}: ${said}`, clears: "person" });
}
