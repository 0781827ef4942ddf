import type { Effect, EffectId, Measurement } from "../../src/core/effect.ts";
import type { End } from "../../src/core/ending.ts";
import type { Event, UndoResult } from "../../src/core/event.ts";
import type { Action, Plan } from "../../src/core/plan.ts";
import type { Sample } from "../../src/core/sample.ts";
import type { Hold } from "../../src/core/state.ts";
import { actionOf } from "../../src/core/unwind.ts";
import {
  startMachine,
  undoneAs,
  type Machine,
  type Moment,
  type Open,
} from "../support/machine.ts";

/** What is true of the targets when a rollout ends, whatever the machine believes. */
export interface Truth {
  readonly end: End;
  /** The index of the moment of the end. */
  readonly index: number;
  /** Fields that do not have their baseline. */
  readonly changed: readonly string[];
  /** Actions whose write may still land. */
  readonly late: readonly string[];
}

/** A whole rollout: every step, and the truth at each of its ends. */
export interface History {
  readonly plan: Plan;
  readonly moments: readonly Moment[];
  readonly truths: readonly Truth[];
  /** Where the machine stood still with nothing to wait for, or null. */
  readonly deadlock: string | null;
}

/** How rough the world is, in per mille of what may go wrong at every turn. */
export interface Weather {
  /** Wrong answers. */
  readonly faults: number;
  /** People, signals and other processes. */
  readonly calamities: number;
  /** Changes of what the metrics say. */
  readonly turns: number;
}

interface Play {
  readonly machine: Machine;
  readonly weather: Weather;
  readonly draw: (below: number) => number;
  readonly exhausted: () => boolean;
  /** How far each open apply has come. */
  readonly applies: Map<EffectId, "intended" | "landed">;
  readonly interrupted: Set<EffectId>;
  /** Cut applies that had not been intended yet. */
  readonly cut: { effect: EffectId; action: string; epoch: number }[];
  readonly late: Set<string>;
  readonly live: Map<string, "baseline" | "ours">;
  readonly signs: Map<string, Sample | "good" | "bad">;
  readonly truths: Truth[];
  seen: number;
}

const DRAIN_LIMIT = 4000;

/** Plays a rollout by the choices given; when they are used up, everything becomes healthy and everyone answers. */
export function playHistory(plan: Plan, weather: Weather, choices: readonly number[]): History {
  let at = 0;
  const play: Play = {
    machine: startMachine(plan),
    weather,
    draw: (below) => (choices[at++] ?? 0) % below,
    exhausted: () => at >= choices.length,
    applies: new Map(),
    interrupted: new Set(),
    cut: [],
    late: new Set(),
    live: new Map(),
    signs: new Map(),
    truths: [],
    seen: 0,
  };
  while (!play.exhausted() && turn(play)) notice(play);
  notice(play);
  const deadlock = drain(play);
  return { plan, moments: play.machine.moments, truths: play.truths, deadlock };
}

/** Keeps the world in step with what the machine said: interrupted and cut applies, and the end. */
function notice(play: Play): void {
  const { machine } = play;
  for (const [offset, moment] of machine.moments.slice(play.seen).entries()) {
    for (const id of moment.step.interrupt) play.interrupted.add(id);
    const { phase } = moment.after;
    if (phase.kind === "ended" && moment.before.phase.kind !== "ended") {
      const changed = [...play.live].flatMap(([field, value]) => (value === "ours" ? [field] : []));
      const index = play.seen + offset;
      play.truths.push({ end: phase.end, index, changed, late: [...play.late] });
    }
    cutApplies(play, moment);
  }
  play.seen = machine.moments.length;
}

/** An apply that was dropped without an answer: what it had begun may still land, unless nobody would undo it anyway. */
function cutApplies(play: Play, { before, after, entry }: Moment): void {
  const answered = "effect" in entry.event ? entry.event.effect : null;
  for (const effect of Object.values(before.pending)) {
    if (effect.kind !== "apply" || after.pending[effect.id] !== undefined) continue;
    if (effect.id === answered) continue;
    const progress = play.applies.get(effect.id);
    const { id, action } = effect;
    if (progress === "intended" && isUndone(play.machine.plan, action)) play.late.add(action);
    if (progress === undefined) play.cut.push({ effect: id, action, epoch: before.epoch });
    play.applies.delete(id);
  }
}

/** The actions of the rollback itself are not undone. */
function isUndone(plan: Plan, id: string): boolean {
  return !plan.rollback.actions.some((action) => action.id === id);
}

/** One thing happens; false when the rollout is over for good. */
function turn(play: Play): boolean {
  const { machine, weather, draw } = play;
  if (machine.state().phase.kind === "ended") return afterEnd(play);
  if (draw(1000) < weather.calamities) return calamity(play);
  if (draw(1000) < weather.turns) changeSigns(play);
  if (play.late.size > 0 && draw(4) === 0) landLate(play);
  const open = machine.open();
  const answerable = open.filter(({ effect }) => effect.kind !== "timer");
  if (answerable.length > 0 && draw(8) > 0) {
    const chosen = answerable[draw(answerable.length)];
    if (chosen !== undefined) respond(play, chosen.effect);
    return true;
  }
  return fireTimer(play, open) || answerable.length > 0;
}

function fireTimer(play: Play, open: readonly Open[]): boolean {
  const timers = open.filter(({ effect }) => effect.kind === "timer");
  const timer = timers.toSorted((a, b) => a.due - b.due)[0];
  if (timer === undefined) return false;
  const { machine, draw, weather } = play;
  const asleep = draw(1000) < weather.faults ? draw(60_000) : draw(50);
  const skew = draw(1000) < weather.faults ? draw(60_000) : 0;
  const ms = Math.max(0, timer.due - machine.now()) + asleep;
  machine.pass(ms, ms + skew);
  machine.feed({ kind: "timer-fired", effect: timer.effect.id });
  return true;
}

function landLate(play: Play): void {
  const action = [...play.late][play.draw(play.late.size)];
  if (action === undefined) return;
  play.late.delete(action);
  play.live.set(fieldOf(play.machine.plan, action), "ours");
}

/** All traffic actions write one field; every other action has a field of its own. */
export function fieldOf(plan: Plan, id: string): string {
  const action = actionOf(plan, id);
  return action?.role === "traffic" || action?.role === "release" ? "traffic" : id;
}

function afterEnd(play: Play): boolean {
  const { machine, draw } = play;
  const { phase } = machine.state();
  if (phase.kind !== "ended") return true;
  const { kind } = phase.end;
  if (kind === "rolled-back" || kind === "refused" || draw(3) > 0) return false;
  machine.takeOver("rollback", undefined, draw(2) === 0 ? { pastIrreversible: true } : {});
  return true;
}

function calamity(play: Play): boolean {
  const { machine, draw } = play;
  switch (draw(14)) {
    case 0:
      machine.abort();
      break;
    case 1:
      machine.takeOver("rollback");
      break;
    case 2:
    case 3:
    case 4:
      machine.takeOver("continue");
      break;
    case 5:
      if (draw(4) === 0) machine.takeOver("halt");
      break;
    case 6:
      if (draw(4) === 0) machine.feed({ kind: "journal-lost", why: "no space left" });
      break;
    case 7:
    case 8:
      lateLine(play);
      break;
    default:
      speak(play);
  }
  return true;
}

/** A line that a superseded process or a cut call wrote after it was over: it must move nothing forward. */
function lateLine(play: Play): void {
  const { machine, draw } = play;
  const { epoch } = machine.state();
  const gone = play.cut[draw(Math.max(1, play.cut.length))];
  const lines: Event[] = [
    { kind: "warned", trigger: "p95 > 0.3", detail: "read again" },
    { kind: "paged", trigger: "errors > 0.5", detail: "read again" },
    { kind: "interrupted", by: "nobody", reason: "a signal to a superseded process" },
    { kind: "timer-fired", effect: `${epoch}.1` },
    { kind: "journal-lost", why: "no space left" },
  ];
  if (gone !== undefined && draw(2) === 0) {
    const { effect, action } = gone;
    const event: Event = { kind: "action-intended", effect, action, fields: {} };
    if (gone.epoch === epoch) machine.feed(event);
    else machine.feedEntry({ at: 0, mono: draw(1_000_000), epoch: gone.epoch, event });
    return;
  }
  const event = lines[draw(lines.length)];
  if (event?.kind === "warned" || event?.kind === "paged") machine.feed(event);
  else if (epoch > 1 && event !== undefined)
    machine.feedEntry({ at: 0, mono: draw(1_000_000), epoch: epoch - 1, event });
}

function speak(play: Play): void {
  const { machine, draw } = play;
  const { hold } = machine.state();
  const names = Object.values(machine.plan.checks).filter(({ driver }) => driver === "confirm");
  const check = names[draw(Math.max(1, names.length))]?.name ?? null;
  const answering = [hold?.id ?? null, hold?.id ?? null, "h0.0", null][draw(4)] ?? null;
  const kinds = ["hold", "resume", "resume", "promote", "confirm", "playbook"] as const;
  const kind = kinds[draw(kinds.length)] ?? "hold";
  const named = kind === "playbook" ? "calm" : check;
  machine.say({ kind, hold: answering, check: named, yes: draw(6) > 0 });
}

function changeSigns(play: Play): void {
  const { draw, machine, signs } = play;
  const names = Object.keys(machine.plan.metrics);
  const name = names[draw(names.length)] ?? "";
  const all: readonly (Sample | "good" | "bad")[] = [
    "good",
    "good",
    "good",
    "bad",
    "bad",
    { kind: "value", value: 0, samples: 1, observedAt: null },
    { kind: "value", value: 0, samples: null, observedAt: null },
    { kind: "noData", why: "empty vector" },
    { kind: "stale", why: "old", age: 600_000 },
    { kind: "error", why: "refused" },
  ];
  signs.set(name, all[draw(all.length)] ?? "good");
}

/** What is bad is bad at the canary only: one request in a hundred fails at stable, whatever happens. */
function sampleNow(play: Play, { metric, arm }: Measurement): Sample {
  const sign = play.signs.get(metric) ?? "good";
  if (typeof sign === "object") return sign;
  const value = arm === "stable" ? 0.01 : sign === "good" ? 0 : 1;
  const { draw, machine } = play;
  // Most sources lag a little; some say nothing of it, and one stands still now and then.
  const lags = [null, null, null, 0, 2000, 5000, 60_000] as const;
  const lag = lags[draw(lags.length)] ?? null;
  const observedAt = lag === null ? null : (machine.entries().at(-1)?.at ?? 0) - lag;
  return { kind: "value", value, samples: 1000, observedAt };
}

function respond(play: Play, effect: Effect): void {
  const { machine, draw, weather } = play;
  const goesWrong = draw(1000) < weather.faults;
  switch (effect.kind) {
    case "apply":
      return respondToApply(play, effect, goesWrong);
    case "undo":
      return respondToUndo(play, effect, goesWrong);
    case "measure":
      return machine.answer(effect, { sample: () => sampleNow(play, effect.measurement) });
    case "secure": {
      const certain = !goesWrong || draw(2) === 0;
      // From here on the targets refuse late writes: one that lands does so before.
      if (certain) for (const action of effect.actions) play.late.delete(action);
      return machine.answer(effect, { secure: () => certain });
    }
    case "search":
      return machine.answer(effect, goesWrong ? { search: () => ({ left: [UNREAD] }) } : {});
    case "check":
      return machine.answer(effect, { check: () => wrong(play, goesWrong, ["fail", "error"]) });
    case "read-back":
      return machine.answer(effect, goesWrong ? { readBack: () => otherwise(play) } : {});
    case "preflight":
      return machine.answer(effect, goesWrong ? { preflight: () => ["no such host"] } : {});
    case "capture": {
      const locked = draw(2) === 0;
      return machine.answer(
        effect,
        goesWrong ? { capture: () => ({ problems: ["no"], locked }) } : {},
      );
    }
    case "collect":
      return machine.answer(
        effect,
        goesWrong ? { collect: () => ({ missingRequired: ["x"] }) } : {},
      );
    case "end":
      return machine.answer(effect);
    case "timer":
  }
}

const UNREAD: UndoResult = { field: "flag", label: "flag", result: "unknown", why: "timeout" };

function wrong<T>(play: Play, goesWrong: boolean, ways: readonly T[]): T | undefined {
  return goesWrong ? ways[play.draw(ways.length)] : undefined;
}

function otherwise(play: Play): { unreadable: string } | { differences: never[] | [Difference] } {
  if (play.draw(2) === 0) return { unreadable: "timeout" };
  return { differences: [{ field: "f", label: "f", expected: "1", live: "2" }] };
}

type Difference = { field: string; label: string; expected: string; live: string };

/** An apply is intended, then its write lands, then it answers; anything may come between. */
function respondToApply(
  play: Play,
  effect: Extract<Effect, { kind: "apply" }>,
  goesWrong: boolean,
): void {
  const { machine, applies, draw } = play;
  const { id, action } = effect;
  const field = fieldOf(machine.plan, action);
  const undoable = isUndone(machine.plan, action);
  const finish = (result: "applied" | "failed" | "unknown" | "refused" | "moved"): void => {
    applies.delete(id);
    machine.feed({ kind: "action-finished", effect: id, action, result, why: result });
  };
  const progress = applies.get(id);
  if (progress === undefined) {
    if (goesWrong && draw(2) === 0) return finish(draw(2) === 0 ? "moved" : "failed");
    machine.feed({ kind: "action-intended", effect: id, action, fields: {} });
    applies.set(id, "intended");
    return;
  }
  if (progress === "intended") {
    if (play.interrupted.has(id) && draw(2) === 0) return finish("failed");
    if (goesWrong && draw(2) === 0) return finish("refused");
    if (goesWrong) {
      if (undoable) play.late.add(action);
      return finish("unknown");
    }
    if (undoable) play.live.set(field, "ours");
    applies.set(id, "landed");
    return;
  }
  finish(goesWrong ? (draw(2) === 0 ? "failed" : "unknown") : "applied");
}

function respondToUndo(
  play: Play,
  effect: Extract<Effect, { kind: "undo" }>,
  goesWrong: boolean,
): void {
  const { machine, draw, live } = play;
  // It is tried on: the answer comes later, among those of what goes back beside it.
  if (goesWrong && effect.group === "traffic" && draw(3) === 0)
    return void machine.feed({ kind: "undo-stalled", undo: effect.id });
  const bad = goesWrong ? draw(effect.actions.length) : -1;
  const results: UndoResult[] = effect.actions.map((id, index) => {
    const field = fieldOf(machine.plan, id);
    if (index === bad)
      return undoneAs(field, (["failed", "unknown", "foreign"] as const)[draw(3)] ?? "failed");
    return undoneAs(field);
  });
  const unharmed = new Set(
    results.filter(({ result }) => result !== "restored").map((r) => r.field),
  );
  const honest = results.map((result) =>
    unharmed.has(result.field) && result.result === "restored"
      ? undoneAs(result.field, "failed")
      : result,
  );
  for (const { field, result } of honest) {
    if (result === "restored" && effect.share === null) live.set(field, "baseline");
  }
  machine.answer(effect, { undo: () => honest });
}

/** Lets everything be well until the rollout has ended; says where it stood still instead. */
function drain(play: Play): string | null {
  const { machine } = play;
  play.signs.clear();
  let spoke = false;
  for (let turns = 0; turns < DRAIN_LIMIT; turns += 1) {
    notice(play);
    const { phase, hold } = machine.state();
    if (phase.kind === "ended") return null;
    const effect = machine.open().find((open) => open.effect.kind !== "timer")?.effect;
    if (effect !== undefined) {
      respond({ ...play, draw: () => 999 }, effect);
      continue;
    }
    // Between two words time passes, so that what held can be seen to be over.
    const open: Hold | null = spoke ? null : hold;
    spoke = open !== null;
    if (open?.clears === "person") machine.say({ kind: "resume", hold: open.id });
    else if (open?.kind === "waiting") machine.say({ kind: "promote", hold: open.id });
    else if (!fireTimer({ ...play, draw: () => 999, weather: CALM }, machine.open()))
      return `nothing is open in ${JSON.stringify(phase)}`;
  }
  return `never ended: ${JSON.stringify(machine.state().phase)}, ${JSON.stringify(machine.state().hold)}`;
}

const CALM: Weather = { faults: 0, calamities: 0, turns: 0 };

/** Everything that a rollout may change and has to undo: its own actions, and those a person has it run. */
export function undoableActions(plan: Plan): readonly Action[] {
  return [
    ...forwardActions(plan),
    ...Object.values(plan.playbooks ?? {}).flatMap(({ actions }) => actions),
  ];
}

/** The actions of a plan that go forward, in their order. */
export function forwardActions(plan: Plan): readonly Action[] {
  return [...plan.stages.flatMap(({ actions }) => actions), ...plan.finish];
}
