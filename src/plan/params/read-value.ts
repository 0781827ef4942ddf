import { show } from "../decode/show.ts";
import { nearest } from "../nearest.ts";
import { parseDuration } from "../scalars/parse-duration.ts";
import { parsePercent } from "../scalars/parse-percent.ts";
import type { Parsed } from "../scalars/parsed.ts";
import type { ParamValue } from "./param-value.ts";

export type ParamType = "string" | "number" | "boolean" | "share" | "duration";

export interface ParamBounds {
  readonly type: ParamType;
  readonly choices: readonly ParamValue[] | null;
  readonly min: ParamValue | null;
  readonly max: ParamValue | null;
}

/** Reads a parameter's value, from the plan or from `--set` (always text), and holds it against its bounds. */
export function readValue(
  given: ParamValue,
  bounds: ParamBounds,
  fromText: boolean,
): Parsed<ParamValue> {
  const typed = ofType(given, bounds.type, fromText);
  if (typed.kind === "bad") return typed;
  const { choices } = bounds;
  if (choices !== null && !choices.some((each) => String(each) === String(typed.value))) {
    const close = nearest(String(typed.value), choices.map(String));
    const fix =
      close === null ? `write ${choices.map(String).join(" or ")}` : `did you mean ${close}?`;
    return { kind: "bad", message: `${show(typed.value)} is none of the choices`, fix };
  }
  const size = sizeOf(typed.value, bounds.type);
  const [least, most] = [bounds.min, bounds.max].map((bound) =>
    bound === null ? null : sizeOf(bound, bounds.type),
  );
  if (size !== null && least != null && size < least)
    return tooFar(`${String(typed.value)} is less than ${String(bounds.min)}`, bounds);
  if (size !== null && most != null && size > most)
    return tooFar(`${String(typed.value)} is more than ${String(bounds.max)}`, bounds);
  return typed;
}

function tooFar(message: string, { min, max }: ParamBounds): Parsed<ParamValue> {
  const least = min === null ? null : `at least ${String(min)}`;
  const most = max === null ? null : `at most ${String(max)}`;
  const fix = `write ${[least, most].filter((each) => each !== null).join(" and ")}`;
  return { kind: "bad", message, fix };
}

function ofType(given: ParamValue, type: ParamType, fromText: boolean): Parsed<ParamValue> {
  switch (type) {
    case "share": {
      const parsed = parsePercent(given);
      return parsed.kind === "ok" ? { kind: "ok", value: given } : parsed;
    }
    case "duration": {
      const parsed = parseDuration(given);
      return parsed.kind === "ok" ? { kind: "ok", value: given } : parsed;
    }
    case "number": {
      const number =
        fromText && typeof given === "string" && given.trim() !== "" ? Number(given) : given;
      if (typeof number === "number" && Number.isFinite(number))
        return { kind: "ok", value: number };
      return { kind: "bad", message: `${show(given)} is not a number`, fix: "write a number" };
    }
    case "boolean": {
      const bool = fromText ? { true: true, false: false }[String(given)] : given;
      if (typeof bool === "boolean") return { kind: "ok", value: bool };
      return {
        kind: "bad",
        message: `${show(given)} is not true or false`,
        fix: "write true or false",
      };
    }
    case "string":
      if (typeof given === "string") return { kind: "ok", value: given };
      return {
        kind: "bad",
        message: `${show(given)} is not text`,
        fix: `write "${String(given)}"`,
      };
  }
}

/** What min and max compare; null where a type has no order. */
function sizeOf(value: ParamValue, type: ParamType): number | null {
  if (type === "number") return typeof value === "number" ? value : null;
  const parsed =
    type === "share" ? parsePercent(value) : type === "duration" ? parseDuration(value) : null;
  return parsed?.kind === "ok" ? parsed.value : null;
}
