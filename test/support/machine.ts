import type { Effect, EffectId } from "../../src/core/effect.ts";
import type { End } from "../../src/core/ending.ts";
import type { Entry, Event, Fact, Note, UndoResult, Word } from "../../src/core/event.ts";
import type { Plan } from "../../src/core/plan.ts";
import type { Sample } from "../../src/core/sample.ts";
import { idle, type Cause, type Hold, type State } from "../../src/core/state.ts";
import { step, type Step } from "../../src/core/step.ts";
import { deepFreeze } from "./deep-freeze.ts";

/** One call of `step`, and what it was made of. */
export interface Moment {
  readonly entry: Entry;
  readonly before: State;
  readonly after: State;
  readonly step: Step;
}

/** An effect that the machine started and that nobody has answered; timers know when they are due. */
export interface Open {
  readonly effect: Effect;
  readonly startedAt: number;
  readonly due: number;
}

type FactOf<K extends Fact["kind"]> = Extract<Fact, { kind: K }>;
type Rest<K extends Fact["kind"]> = Partial<Omit<FactOf<K>, "kind" | "effect">>;

/** The world that answers: everything is healthy but what a test says otherwise. `undefined` leaves it healthy. */
export interface World {
  readonly sample?: (key: string, now: number) => Sample | number | boolean | undefined;
  readonly preflight?: () => readonly string[];
  readonly capture?: () => Rest<"baseline-captured">;
  readonly readBack?: () => Rest<"read-back-finished">;
  /** `lost`: intended, and never answered; `silent`: not even intended. */
  readonly apply?: (action: string) => Rest<"action-finished"> | "lost" | "silent" | undefined;
  readonly check?: (name: string) => "pass" | "fail" | "error" | "lost" | undefined;
  readonly collect?: () => Rest<"collected">;
  readonly undo?: (group: string, actions: readonly string[]) => readonly UndoResult[] | undefined;
  readonly secure?: () => boolean;
  readonly search?: () => Rest<"searched">;
}

/** Drives the machine in virtual time: keeps what is open, answers it in the order a test chooses, records everything. */
export interface Machine {
  readonly plan: Plan;
  readonly moments: readonly Moment[];
  readonly now: () => number;
  readonly state: () => State;
  readonly open: () => readonly Open[];
  readonly notes: () => readonly Note[];
  readonly entries: () => readonly Entry[];
  /** Takes in one event now. */
  readonly feed: (event: Event) => Step;
  /** Takes in an entry as it stands: a line of another epoch. */
  readonly feedEntry: (entry: Entry) => Step;
  /** The oldest open effect of a kind; throws when there is none. */
  readonly find: <K extends Effect["kind"]>(kind: K) => Extract<Effect, { kind: K }>;
  readonly has: (kind: Effect["kind"]) => boolean;
  /** Answers one open effect as the world does. */
  readonly answer: (effect: Effect, world?: World) => void;
  /** Lets time pass without anything happening; `wall` moves the wall clock only. */
  readonly pass: (ms: number, wall?: number) => void;
  /** Answers whatever is open at once and fires timers in their order, until nothing is due within `ms`. */
  readonly run: (ms: number, world?: World) => void;
  /** Runs until a predicate holds; throws when it does not within a day. */
  readonly until: (holds: (state: State) => boolean, world?: World) => void;
  readonly finish: (world?: World) => End;
  readonly say: (word: Partial<Word> & Pick<Word, "kind">) => Step;
  readonly abort: (reason?: string) => Step;
  /** Another process claims the next epoch; its monotonic clock has nothing to do with the old one. */
  readonly takeOver: (
    mode: "rollback" | "continue" | "halt",
    cause?: Cause | null,
    parts?: { pastIrreversible?: boolean },
  ) => Step;
}

const OWNER = { host: "here", pid: 1, startTime: "0", bootId: "b" };
const DAY = 24 * 60 * 60 * 1000;
const LIMIT = 200_000;

export const aborted: Cause = { kind: "abort", text: "said so", by: "anna" };

/** A machine whose rollout has just been claimed by its first process. */
export function startMachine(plan: Plan): Machine {
  deepFreeze(plan);
  const moments: Moment[] = [];
  const open = new Map<EffectId, Open>();
  const lost = new Set<EffectId>();
  let state: State = idle;
  let mono = 1_000_000;
  let at = 1_700_000_000_000;

  const feedEntry = (entry: Entry): Step => {
    const before = deepFreeze(state);
    const result = step(plan, before, deepFreeze(entry));
    moments.push({ entry, before, after: result.state, step: result });
    state = result.state;
    if (entry.event.kind === "claimed") open.clear();
    for (const id of result.cancel) open.delete(id);
    for (const effect of result.start) {
      const due = effect.kind === "timer" ? mono + effect.ms : Number.POSITIVE_INFINITY;
      open.set(effect.id, { effect, startedAt: mono, due });
    }
    return result;
  };
  const feed = (event: Event): Step => {
    if ("effect" in event && !INTENTS.has(event.kind)) open.delete(event.effect);
    return feedEntry({ at, mono, epoch: state.epoch, event });
  };
  const claim = (claimed: Rest<"claimed">): Step =>
    feedEntry({
      at,
      mono,
      epoch: state.epoch + 1,
      event: {
        kind: "claimed",
        rollout: "r1",
        plan: plan.name,
        digest: "d",
        mode: "continue",
        cause: null,
        by: "anna",
        owner: OWNER,
        end: null,
        ...claimed,
      },
    });
  const answer = (effect: Effect, world: World = {}): void => {
    if (effect.kind === "end") {
      claim({ end: effect.end });
      return;
    }
    for (const event of answersOf(effect, world, mono)) {
      if (open.has(effect.id)) feed(event);
    }
    // What a test says is lost stays open, and is not asked again: only the machine's own bounds end it.
    if (open.has(effect.id)) lost.add(effect.id);
  };
  const pass = (ms: number, wall = ms): void => {
    mono += ms;
    at += wall;
  };
  const answerable = (): Effect | undefined =>
    [...open.values()].find(({ effect }) => effect.kind !== "timer" && !lost.has(effect.id))
      ?.effect;
  const nextTimer = (): Open | undefined =>
    [...open.values()]
      .filter(({ effect }) => effect.kind === "timer")
      .toSorted((a, b) => a.due - b.due)[0];
  const drive = (stop: () => boolean, until: number, world: World): void => {
    for (let turns = 0; turns < LIMIT && !stop(); turns += 1) {
      const effect = answerable();
      if (effect !== undefined) {
        answer(effect, world);
        continue;
      }
      const timer = nextTimer();
      if (timer === undefined || timer.due > until) break;
      pass(Math.max(0, timer.due - mono));
      feed({ kind: "timer-fired", effect: timer.effect.id });
    }
  };
  const until = (holds: (state: State) => boolean, world: World = {}): void => {
    drive(() => holds(state), mono + DAY, world);
    if (!holds(state)) throw new Error(`never came: the machine is ${JSON.stringify(state.phase)}`);
  };
  const machine: Machine = {
    plan,
    moments,
    now: () => mono,
    state: () => state,
    open: () => [...open.values()],
    notes: () => moments.flatMap((moment) => moment.step.notes),
    entries: () => moments.map(({ entry }) => entry),
    feed,
    feedEntry,
    find: (kind) => findOpen(open, kind),
    has: (kind) => [...open.values()].some(({ effect }) => effect.kind === kind),
    answer,
    pass,
    run: (ms, world = {}) => {
      const end = mono + ms;
      drive(() => false, end, world);
      pass(Math.max(0, end - mono));
    },
    until,
    finish: (world = {}) => {
      until(({ phase }) => phase.kind === "ended", world);
      if (state.phase.kind !== "ended") throw new Error("not ended");
      return state.phase.end;
    },
    say: (word) => feed({ kind: "word-received", word: { ...PLAIN_WORD, ...word } }),
    abort: (reason = "said so") => feed({ kind: "interrupted", by: "anna", reason }),
    takeOver: (mode, cause = mode === "rollback" ? aborted : null, parts = {}) => {
      mono = mono % 7919;
      return claim({ mode, cause, ...parts });
    },
  };
  claim({ mode: "start" });
  return machine;
}

const INTENTS = new Set<Event["kind"]>(["action-intended", "undo-intended"]);

const PLAIN_WORD: Omit<Word, "kind"> = {
  by: "anna",
  reason: "",
  check: null,
  yes: true,
  stage: null,
  hold: null,
};

function findOpen<K extends Effect["kind"]>(
  open: ReadonlyMap<EffectId, Open>,
  kind: K,
): Extract<Effect, { kind: K }> {
  const found = [...open.values()].find(({ effect }) => effect.kind === kind)?.effect;
  if (found === undefined) throw new Error(`nothing of the kind ${kind} is open`);
  return found as Extract<Effect, { kind: K }>;
}

/** A value in a sample; what is a sample already stays one. */
export function sampleOf(value: Sample | number | boolean): Sample {
  return typeof value === "object"
    ? value
    : { kind: "value", value, samples: null, observedAt: null };
}

function answersOf(effect: Effect, world: World, now: number): readonly Event[] {
  const id = effect.id;
  switch (effect.kind) {
    case "preflight":
      return [{ kind: "preflight-finished", effect: id, problems: world.preflight?.() ?? [] }];
    case "capture": {
      const captured = { problems: [], locked: false, fields: {}, metrics: {} };
      return [{ kind: "baseline-captured", effect: id, ...captured, ...world.capture?.() }];
    }
    case "read-back": {
      const same = { differences: [], unreadable: null };
      return [{ kind: "read-back-finished", effect: id, ...same, ...world.readBack?.() }];
    }
    case "apply":
      return applied(effect, world);
    case "check": {
      const result = world.check?.(effect.check) ?? "pass";
      if (result === "lost") return [];
      return [{ kind: "check-finished", effect: id, check: effect.check, result, detail: result }];
    }
    case "measure": {
      const { key } = effect.measurement;
      return [
        { kind: "measured", effect: id, key, sample: sampleOf(world.sample?.(key, now) ?? 0) },
      ];
    }
    case "collect": {
      const taken = { taken: [], missing: [], missingRequired: [] };
      return [{ kind: "collected", effect: id, ...taken, ...world.collect?.() }];
    }
    case "undo": {
      const { group, actions } = effect;
      const results = world.undo?.(group, actions) ?? actions.map((name) => undoneAs(name));
      return [
        { kind: "undo-intended", effect: id, group, fields: [...actions] },
        { kind: "undo-finished", effect: id, group, results },
      ];
    }
    case "secure":
      return [{ kind: "secured", effect: id, certain: world.secure?.() ?? true, how: "" }];
    case "search": {
      const nothing = { actions: [], why: "", left: [] };
      return [{ kind: "searched", effect: id, ...nothing, ...world.search?.() }];
    }
    case "timer":
    case "end":
      return [];
  }
}

function applied(effect: Extract<Effect, { kind: "apply" }>, world: World): readonly Event[] {
  const { id, action } = effect;
  const result = world.apply?.(action) ?? {};
  if (result === "silent") return [];
  const intent: Event = { kind: "action-intended", effect: id, action, fields: {} };
  if (result === "lost") return [intent];
  const outcome = { action, result: "applied", why: "", ...result } as const;
  return [intent, { kind: "action-finished", effect: id, ...outcome }];
}

/** How the undo of one field went; a field has the name of its action here. */
export function undoneAs(
  field: string,
  result: UndoResult["result"] = "restored",
  why = "",
): UndoResult {
  return { field, label: field, result, why };
}

/** The hold in force; throws when nothing holds. */
export function holdOf(machine: Machine): Hold {
  const { hold } = machine.state();
  if (hold === null) throw new Error("nothing holds");
  return hold;
}
