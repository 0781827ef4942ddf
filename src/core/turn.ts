import type { Effect, EffectId, TimerPurpose } from "./effect.ts";
import type { End } from "./ending.ts";
import type { Entry, Note } from "./event.ts";
import type { Plan, Stage } from "./plan.ts";
import type { Hold, State } from "./state.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type WithoutId<T> = T extends { readonly id: EffectId } ? Omit<T, "id"> : never;

/**
 * One call of `step` under way: a copy of the state whose slots may be replaced (never changed in place), and what is
 * to be done. It never leaves `step`.
 */
export interface Turn {
  readonly plan: Plan;
  readonly entry: Entry;
  readonly state: Mutable<State>;
  readonly start: Effect[];
  readonly cancel: EffectId[];
  readonly interrupt: EffectId[];
  readonly notes: Note[];
}

/** Starts an effect and remembers it as pending until its answer comes. */
export function begin(turn: Turn, effect: WithoutId<Effect>): EffectId {
  const { state } = turn;
  state.counter += 1;
  const id = `${state.epoch}.${state.counter}`;
  const whole: Effect = { ...effect, id };
  state.pending = { ...state.pending, [id]: whole };
  turn.start.push(whole);
  return id;
}

/** Takes an effect off the pending ones; null when it is not pending: a late answer, which is never acted on. */
export function settle(turn: Turn, id: EffectId): Effect | null {
  const { pending } = turn.state;
  const effect = pending[id];
  if (effect === undefined) return null;
  // Ids never come twice: a literal, or a rest pattern, would make a new shape of object for each, ten times as slow.
  const rest = Object.create(null) as Record<EffectId, Effect>;
  for (const each of Object.values(pending)) if (each.id !== id) rest[each.id] = each;
  turn.state.pending = rest;
  return effect;
}

/** Drops pending effects that match: their answers will not be waited for. */
export function drop(turn: Turn, matches: (effect: Effect) => boolean): void {
  for (const effect of Object.values(turn.state.pending)) {
    if (!matches(effect)) continue;
    settle(turn, effect.id);
    turn.cancel.push(effect.id);
  }
}

/** Asks for the end: nothing else is awaited any more, and the end is over only when it was claimed. */
export function endWith(turn: Turn, end: End): void {
  drop(turn, () => true);
  begin(turn, { kind: "end", end });
  turn.state.phase = { kind: "ending", end };
}

/** Starts to look anew: what was asked before is not waited for, since its answer may speak of before. */
export function restartTicks(turn: Turn): void {
  drop(
    turn,
    (effect) => effect.kind === "measure" || (effect.kind === "timer" && effect.purpose === "tick"),
  );
  turn.state.tick = [];
  begin(turn, { kind: "timer", purpose: "tick", ms: 1 });
}

/** Whether an effect of this kind is pending. */
export function awaits(turn: Turn, kind: Effect["kind"]): boolean {
  return Object.values(turn.state.pending).some((effect) => effect.kind === kind);
}

/** Whether a timer of this purpose runs. */
export function hasTimer(turn: Turn, purpose: TimerPurpose): boolean {
  return Object.values(turn.state.pending).some(
    (effect) => effect.kind === "timer" && effect.purpose === purpose,
  );
}

/** Holds, unless something holds already: the first reason stays until it is answered. A person's hold outranks one that clears itself. */
export function holdFor(turn: Turn, hold: Pick<Hold, "kind" | "why" | "clears">): void {
  const { state } = turn;
  if (state.hold !== null && !(state.hold.clears === "self" && hold.clears === "person")) return;
  state.counter += 1;
  state.hold = { ...hold, id: `h${state.epoch}.${state.counter}`, since: turn.entry.mono };
  turn.notes.push({ kind: "held", hold: state.hold });
}

/** The stage in force; a bug when there is none. */
export function currentStage(turn: Turn): Stage {
  const stage = turn.plan.stages[turn.state.stage];
  if (stage === undefined)
    throw new Error(`no stage ${turn.state.stage} in the plan ${turn.plan.name}`);
  return stage;
}
