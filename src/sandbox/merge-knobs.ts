import { defaultKnobs, type Arm, type ArmKnobs, type Knobs, type Spike } from "./knobs.ts";

/** The new knobs, or what is wrong with the change, as a message for the answer's body. */
export type MergedKnobs = { kind: "merged"; knobs: Knobs } | { kind: "refused"; message: string };

type Read = (value: unknown, current: Knobs, now: number) => unknown;

class Refused extends Error {}

const readers: { readonly [Name in keyof Knobs]: Read } = {
  stable: (value, current) => readArm("stable", value, current.stable),
  canary: (value, current) => readArm("canary", value, current.canary),
  load: (value) => readNumber("load", value, 0, 1000),
  spike: (value, _current, now) => readSpike(value, now),
  deadTarget: (value) => readOneOf("deadTarget", value, [true, false]),
  hangMetrics: (value) => readOneOf("hangMetrics", value, [true, false]),
  metricsStatus: (value) => readStatus("metricsStatus", value),
  lieMetrics: (value) =>
    value === true
      ? "error"
      : readOneOf("lieMetrics", value, [false, "error", "garbage", "empty", "nan"]),
  staleMetrics: (value) => readOneOf("staleMetrics", value, [true, false]),
  hangRouter: (value) => readOneOf("hangRouter", value, [true, false, "applied"]),
  routerStatus: (value) => readStatus("routerStatus", value),
  hangFlags: (value) => readOneOf("hangFlags", value, [true, false, "applied"]),
  flagsStatus: (value) => readStatus("flagsStatus", value),
  hangDeploy: (value) => readOneOf("hangDeploy", value, [true, false, "applied"]),
  deployStatus: (value) => readStatus("deployStatus", value),
  slowWritesMs: (value) => readNumber("slowWritesMs", value, 0, 600_000),
  ignoreWrites: (value) => readOneOf("ignoreWrites", value, [true, false]),
};

/** The names that `POST /knobs` takes. */
export const knobNames = Object.keys(readers) as ReadonlyArray<keyof Knobs>;

/**
 * Merges a change into the knobs: all of it or nothing. A knob set to `null` goes back to its default. `now` (epoch
 * milliseconds) is where a spike starts.
 */
export function mergeKnobs(current: Knobs, change: unknown, now: number): MergedKnobs {
  try {
    const fields = readObject("the body", change);
    const read: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(fields)) {
      if (!isKnobName(name)) {
        throw new Refused(`unknown knob "${name}": known are ${knobNames.join(", ")}`);
      }
      read[name] = value === null ? defaultKnobs()[name] : readers[name](value, current, now);
    }
    return { kind: "merged", knobs: { ...current, ...read } };
  } catch (error) {
    if (error instanceof Refused) return { kind: "refused", message: error.message };
    throw error;
  }
}

function isKnobName(name: string): name is keyof Knobs {
  return Object.hasOwn(readers, name);
}

function readArm(arm: Arm, value: unknown, current: ArmKnobs): ArmKnobs {
  const fields = readObject(arm, value);
  refuseUnknown(arm, fields, ["errorRate", "latencyMs"]);
  return {
    errorRate: readOptional(`${arm}.errorRate`, fields["errorRate"], 1) ?? current.errorRate,
    latencyMs: readOptional(`${arm}.latencyMs`, fields["latencyMs"], 60_000) ?? current.latencyMs,
  };
}

function readSpike(value: unknown, now: number): Spike {
  const fields = readObject("spike", value);
  refuseUnknown("spike", fields, ["arm", "errorRate", "latencyMs", "forMs"]);
  const arm: Arm =
    readOneOf("spike.arm", fields["arm"], ["stable", "canary"]) === "stable" ? "stable" : "canary";
  const errorRate = readOptional("spike.errorRate", fields["errorRate"], 1);
  const latencyMs = readOptional("spike.latencyMs", fields["latencyMs"], 60_000);
  if (errorRate === null && latencyMs === null) {
    throw new Refused("spike changes nothing: give errorRate (0 to 1) or latencyMs");
  }
  return {
    arm,
    errorRate,
    latencyMs,
    until: now + readNumber("spike.forMs", fields["forMs"], 1, 3_600_000),
  };
}

function readObject(name: string, value: unknown): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new Refused(`${name} is ${show(value)}: give an object`);
}

function refuseUnknown(
  name: string,
  fields: Record<string, unknown>,
  known: readonly string[],
): void {
  const unknown = Object.keys(fields).find((field) => !known.includes(field));
  if (unknown !== undefined) {
    throw new Refused(
      `unknown knob "${name}.${unknown}": known are ${known.map((field) => `${name}.${field}`).join(", ")}`,
    );
  }
}

function readOptional(name: string, value: unknown, max: number): number | null {
  return value === undefined ? null : readNumber(name, value, 0, max);
}

function readNumber(name: string, value: unknown, min: number, max: number): number {
  if (typeof value === "number" && value >= min && value <= max) return value;
  throw new Refused(`${name} is ${show(value)}: give a number from ${min} to ${max}`);
}

function readStatus(name: string, value: unknown): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 400 && value <= 599)
    return value;
  throw new Refused(
    `${name} is ${show(value)}: give a status from 400 to 599, or null to answer normally`,
  );
}

function readOneOf(
  name: string,
  value: unknown,
  allowed: ReadonlyArray<boolean | string>,
): boolean | string {
  const found = allowed.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  throw new Refused(
    `${name} is ${show(value)}: give ${allowed.map((each) => JSON.stringify(each)).join(" or ")}`,
  );
}

function show(value: unknown): string {
  return value === undefined ? "missing" : JSON.stringify(value);
}
