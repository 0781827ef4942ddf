import { z } from "zod";

import { sameValue, type Change, type Field, type FieldValue } from "../../src/core/field.ts";
import type { ActionDriver, Answer, DriverContext, Mark } from "../../src/drivers/driver.ts";
import type { Clock } from "../../src/engine/ports.ts";
import type { SimProcess } from "./host.ts";
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
  /** It takes long: up to beyond the caller's patience. */
  readonly slow: number;
}

/** The fields of the world, and everything that was ever written to them. */
export interface Targets {
  readonly values: Map<string, FieldValue>;
  readonly landed: Landed[];
  /** Fields that somebody else wrote. */
  readonly foreign: Set<string>;
  weather: Weather;
  write(key: string, value: FieldValue): void;
  /** Requests of a process that died: each lands at once or never. */
  settle(pid: number): void;
  driver(process: SimProcess): ActionDriver<unknown>;
}

interface Version {
  readonly n: number;
  readonly mark: Mark | null;
}

type Seen = Change & { readonly seen?: Version };

/** Beyond this many milliseconds every call of the plan has given up. */
const LONGEST = 7000;

export function createTargets(clock: Clock, random: Random, fenced: boolean): Targets {
  const values = new Map<string, FieldValue>();
  const versions = new Map<string, Version>();
  const inFlight = new Map<() => void, number>();
  const landed: Landed[] = [];
  const version = (key: string): Version => versions.get(key) ?? { n: 0, mark: null };
  const targets: Targets = {
    values,
    landed,
    foreign: new Set(),
    weather: { lost: 0, mute: 0, refused: 0, slow: 0 },
    write(key, value) {
      values.set(key, value);
      versions.set(key, { ...version(key), n: version(key).n + 1 });
      targets.foreign.add(key);
    },
    settle(pid) {
      for (const [land, by] of inFlight) {
        if (by !== pid) continue;
        inFlight.delete(land);
        if (random.chance(0.5)) land();
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
    if (random.chance(weather.lost)) {
      await pause(random.int(100, LONGEST));
      await process.gate();
      return { kind: "unknown", why: "no answer" };
    }
    const late = random.chance(weather.slow) ? random.int(200, LONGEST) : random.int(1, 50);
    const answer = await new Promise<Answer<T> | null>((resolve) => {
      const land = (): void => resolve(act());
      inFlight.set(land, process.owner.pid);
      clock.after(late, () => {
        if (!inFlight.delete(land)) return;
        land();
      });
    });
    await pause(random.int(1, 20));
    await process.gate();
    if (answer === null || random.chance(weather.mute)) {
      await pause(random.int(100, LONGEST));
      await process.gate();
      return { kind: "unknown", why: "the connection broke" };
    }
    return answer;
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => void clock.after(ms, resolve));
  }

  /** What the API server of a fenced target decides, at the moment of the write. */
  function allowed(key: string, context: DriverContext, seen: Version | undefined): string | null {
    const now = version(key);
    if (now.mark !== null && now.mark.rollout === context.rollout)
      return now.mark.epoch <= context.epoch ? null : `epoch ${now.mark.epoch} owns it`;
    if (seen === undefined) return null;
    if (seen.mark?.rollout === context.rollout) return "the mark is gone";
    return seen.n === now.n ? null : "it was changed meanwhile";
  }

  function land(change: Seen, context: DriverContext, process: SimProcess): Answer<null> {
    const { key } = change.field;
    const why = fenced ? allowed(key, context, change.seen) : null;
    if (why !== null) return { kind: "refused", why };
    const { rollout, epoch } = context;
    values.set(key, change.value);
    versions.set(key, {
      n: version(key).n + 1,
      mark: fenced ? { rollout, epoch } : null,
    });
    const { pid } = process.owner;
    landed.push({ at: clock.mono(), pid, rollout, epoch, key, value: change.value });
    return { kind: "ok", value: null };
  }

  function raise(field: Field, context: DriverContext): Answer<null> {
    const why = allowed(field.key, context, undefined);
    if (why !== null) return { kind: "refused", why };
    const { rollout, epoch } = context;
    versions.set(field.key, { n: version(field.key).n + 1, mark: { rollout, epoch } });
    return { kind: "ok", value: null };
  }

  function lower(field: Field, context: DriverContext): Answer<null> {
    const { n, mark } = version(field.key);
    if (mark?.rollout === context.rollout) versions.set(field.key, { n: n + 1, mark: null });
    return { kind: "ok", value: null };
  }

  async function each<T>(
    items: readonly T[],
    process: SimProcess,
    act: (item: T) => Answer<null>,
  ): Promise<Answer<null>> {
    for (const item of items) {
      const answer = await request(process, () => act(item));
      if (answer.kind !== "ok") return answer;
    }
    return { kind: "ok", value: null };
  }

  function driver(process: SimProcess): ActionDriver<unknown> {
    const put: ActionDriver<{ key: string; value: string | number }> = {
      kind: "put",
      description: "",
      connections: [],
      traffic: true,
      input: z.strictObject({ key: z.string(), value: z.union([z.string(), z.number()]) }),
      style: () => "fields",
      preview: () => [],
      changes: ({ input: { key, value } }) =>
        request(process, () => ({
          kind: "ok",
          value: [{ field: fieldOf(key), value: { present: true, value }, seen: version(key) }],
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
      write: (changes, context) =>
        each(changes, process, (change) => land(change, context, process)),
      settle: (changes) =>
        request(process, () =>
          changes.every(({ field, value }) =>
            sameValue(values.get(field.key) ?? { present: false }, value),
          )
            ? { kind: "ok", value: null }
            : { kind: "failed", why: "it is not what was written" },
        ),
      call: () => Promise.resolve({ kind: "failed", why: "put has no call" }),
      permissions: () => Promise.resolve([]),
      ...(fenced
        ? {
            fence: (fields, context) => each(fields, process, (field) => raise(field, context)),
            release: (fields, context) => each(fields, process, (field) => lower(field, context)),
          }
        : {}),
    };
    return put as ActionDriver<unknown>;
  }
}

function fieldOf(key: string): Field {
  return { key, target: `target/${key}`, driver: "put", connection: null, ref: null, label: key };
}
