import { z } from "zod";

import type { Change, Field, FieldValue } from "../../src/core/field.ts";
import type { ActionDriver, Answer, DriverContext, Mark } from "../../src/drivers/driver.ts";
import type { Clock } from "../../src/engine/ports.ts";
import type { SimProcess } from "./host.ts";
import type { Ledger } from "./ledger.ts";
import type { Random } from "./random.ts";

/** A write that took effect in the world. */
export interface Landed {
  readonly at: number;
  readonly pid: number;
  readonly rollout: string;
  readonly epoch: number;
  readonly key: string;
  readonly value: FieldValue;
}

/** What is wrong with the way to the targets, as probabilities of one request. */
export interface Weather {
  /** The request is lost before it arrives. */
  readonly lost: number;
  /** It arrives, and its answer is lost. */
  readonly mute: number;
  /** The target says no, and nothing happens. */
  readonly refused: number;
  /** It says that it did it, and did not. */
  readonly lies: number;
  /** It takes long: up to beyond the caller's patience. */
  readonly slow: number;
  /** It arrives twice, as from a proxy that tries again. */
  readonly twice: number;
}

/** The fields of the world, and everything that was ever written to them. */
export interface Targets {
  readonly values: Map<string, FieldValue>;
  readonly landed: Landed[];
  /** Fields that somebody else wrote. */
  readonly foreign: Set<string>;
  weather: Weather;
  /** Hosts that cannot reach the targets. */
  readonly cut: Set<string>;
  write(key: string, value: FieldValue): void;
  /** Requests of a process that died: each lands at once or never. */
  settle(pid: number): void;
  driver(process: SimProcess): ActionDriver<unknown>;
}

export const CALM: Weather = { lost: 0, mute: 0, refused: 0, lies: 0, slow: 0, twice: 0 };

interface Version {
  readonly n: number;
  readonly mark: (Mark & { readonly fences: number }) | null;
}

type Seen = Change & { readonly seen?: Version };

const INPUT = z.strictObject({ key: z.string(), value: z.union([z.string(), z.number()]) });

/** Beyond this many milliseconds every call of the plan has given up. */
const LONGEST = 7000;

export interface TargetOptions {
  readonly fenced: boolean;
  /** The probability that a request of a process that dies is done all the same. */
  readonly lands: number;
  readonly ledger: Ledger;
  /** Told what befell a request. */
  readonly happened: (fault: string) => void;
}

export function createTargets(
  clock: Clock,
  random: Random,
  { fenced, lands, ledger, happened }: TargetOptions,
): Targets {
  const values = new Map<string, FieldValue>();
  const versions = new Map<string, Version>();
  const inFlight = new Map<() => void, number>();
  const landed: Landed[] = [];
  /** The number of the newest write that has landed, by field. */
  const newest = new Map<string, number>();
  const version = (key: string): Version => versions.get(key) ?? { n: 0, mark: null };
  const targets: Targets = {
    values,
    landed,
    foreign: new Set(),
    weather: CALM,
    cut: new Set(),
    write(key, value) {
      values.set(key, value);
      versions.set(key, { ...version(key), n: version(key).n + 1 });
      targets.foreign.add(key);
    },
    settle(pid) {
      for (const [land, by] of inFlight) {
        if (by !== pid) continue;
        inFlight.delete(land);
        if (random.chance(lands)) land();
      }
    },
    driver,
  };
  return targets;

  /** One request from a process: there, done, and back, each with its own faults. */
  async function request<T>(process: SimProcess, act: () => Answer<T>): Promise<Answer<T>> {
    await process.gate();
    const { weather } = targets;
    if (random.chance(weather.refused)) return { kind: "failed", why: "the target said no" };
    if (random.chance(weather.lost) || targets.cut.has(process.owner.host)) {
      await pause(random.int(100, LONGEST));
      await process.gate();
      return { kind: "unknown", why: "no answer" };
    }
    const late = random.chance(weather.slow) ? random.int(200, LONGEST) : random.int(1, 50);
    const answer = await arrive(process, act, late);
    if (random.chance(weather.twice)) {
      happened("targets: the same request twice");
      await arrive(process, act, random.int(1, 500));
    }
    await pause(random.int(1, 20));
    await process.gate();
    if (answer === null || random.chance(weather.mute)) {
      await pause(random.int(100, LONGEST));
      await process.gate();
      return { kind: "unknown", why: "the connection broke" };
    }
    return answer;
  }

  /** Lands after a while; of a process that dies meanwhile, at once or never. */
  function arrive<T>(
    process: SimProcess,
    act: () => Answer<T>,
    late: number,
  ): Promise<Answer<T> | null> {
    return new Promise((resolve) => {
      const land = (): void => resolve(act());
      inFlight.set(land, process.owner.pid);
      clock.after(late, () => {
        if (inFlight.delete(land)) land();
      });
    });
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => void clock.after(ms, resolve));
  }

  /** What a writer decides who reads the target right before its write. */
  function allowed(key: string, context: DriverContext, seen: Version | undefined): string | null {
    const now = version(key);
    if (now.mark !== null && now.mark.rollout === context.rollout)
      return now.mark.epoch <= context.epoch ? null : `epoch ${now.mark.epoch} owns it`;
    if (seen === undefined) return null;
    if (seen.mark?.rollout === context.rollout) return "the mark is gone";
    return seen.n === now.n ? null : "it was changed meanwhile";
  }

  /** Reads, decides, and sends a write that the target refuses when it is not any more what was read. */
  async function put(
    change: Seen,
    context: DriverContext,
    process: SimProcess,
  ): Promise<Answer<null>> {
    const { key } = change.field;
    const { epoch } = context;
    const { pid } = process.owner;
    const number = ledger.sent.push({ at: clock.mono(), pid, epoch, key, value: change.value });
    const land = (): Answer<null> => {
      if (number < (newest.get(key) ?? 0)) happened("targets: reordered");
      else newest.set(key, number);
      return take(change, context, process);
    };
    if (!fenced) return request(process, land);
    for (let tries = 0; tries < 6 && !context.signal.aborted; tries += 1) {
      const why = allowed(key, context, change.seen);
      if (why !== null) return { kind: "refused", why };
      const read = version(key);
      const answer = await request(process, () => (same(read, version(key)) ? land() : CONFLICT));
      if (answer !== CONFLICT) return answer;
    }
    return { kind: "refused", why: "it kept changing" };
  }

  function take(change: Change, context: DriverContext, process: SimProcess): Answer<null> {
    const { key } = change.field;
    if (random.chance(targets.weather.lies)) return { kind: "ok", value: null };
    const { rollout, epoch } = context;
    values.set(key, change.value);
    versions.set(key, {
      n: version(key).n + 1,
      mark: fenced ? (ownMark(key, context) ?? { rollout, epoch, fences: 0 }) : null,
    });
    const { pid } = process.owner;
    landed.push({ at: clock.mono(), pid, rollout, epoch, key, value: change.value });
    return { kind: "ok", value: null };
  }

  function raise(field: Field, context: DriverContext): Answer<null> {
    const why = allowed(field.key, context, undefined);
    if (why !== null) return { kind: "refused", why };
    const { rollout, epoch } = context;
    const fences = (ownMark(field.key, context)?.fences ?? -1) + 1;
    versions.set(field.key, { n: version(field.key).n + 1, mark: { rollout, epoch, fences } });
    return { kind: "ok", value: null };
  }

  function ownMark(key: string, { rollout, epoch }: DriverContext): Version["mark"] {
    const { mark } = version(key);
    return mark?.rollout === rollout && mark.epoch === epoch ? mark : null;
  }

  function lower(field: Field, context: DriverContext): Answer<null> {
    const { n, mark } = version(field.key);
    if (mark?.rollout === context.rollout) versions.set(field.key, { n: n + 1, mark: null });
    return { kind: "ok", value: null };
  }

  async function each<T>(
    items: readonly T[],
    act: (item: T) => Promise<Answer<null>>,
  ): Promise<Answer<null>> {
    for (const item of items) {
      const answer = await act(item);
      if (answer.kind !== "ok") return answer;
    }
    return { kind: "ok", value: null };
  }

  function driver(process: SimProcess): ActionDriver<unknown> {
    const driver: ActionDriver<{ key: string; value: string | number }> = {
      kind: "put",
      description: "",
      connections: [],
      traffic: true,
      input: INPUT,
      style: () => "fields",
      preview: () => [],
      changes: ({ input: { key, value }, share }) =>
        request(process, () => ({
          kind: "ok",
          value: [
            {
              field: fieldOf(key),
              value: { present: true, value: share ?? value },
              seen: version(key),
            },
          ],
        })),
      read: (fields) =>
        request(process, () => ({
          kind: "ok",
          value: fields.map((field) => ({
            field,
            value: values.get(field.key) ?? { present: false },
            mark: version(field.key).mark,
          })),
        })),
      write: (changes, context) => each(changes, (change) => put(change, context, process)),
      settle: () => request(process, () => ({ kind: "ok", value: null })),
      call: () => Promise.resolve({ kind: "failed", why: "put has no call" }),
      permissions: () => Promise.resolve([]),
      ...(fenced
        ? {
            fence: (fields, context) =>
              each(fields, (field) => request(process, () => raise(field, context))),
            release: (fields, context) =>
              each(fields, (field) => request(process, () => lower(field, context))),
          }
        : {}),
    };
    return driver;
  }
}

/** The answer of a target that is not what was read of it. */
const CONFLICT: Answer<null> = { kind: "failed", why: "conflict" };

/** A target without a mark is told by its version, one with a mark by the mark alone: its status may change at any time. */
function same(read: Version, now: Version): boolean {
  if (read.mark === null || now.mark === null) return read.mark === now.mark && read.n === now.n;
  const { rollout, epoch, fences } = now.mark;
  return read.mark.rollout === rollout && read.mark.epoch === epoch && read.mark.fences === fences;
}

function fieldOf(key: string): Field {
  return { key, target: `target/${key}`, driver: "put", connection: null, ref: null, label: key };
}
