import type { Sample } from "../../core/sample.ts";
import type { Json, WallTime } from "../../core/units.ts";
import { jsonPathInput } from "../json-path-input.ts";
import { readJsonPath } from "../json-path.ts";
import { futureProblem } from "./future-problem.ts";
import { readTime } from "./read-time.ts";
import { errorSample, noDataSample } from "./sample-of.ts";

/** Where in an answer the value, its time and its sample count stand. */
export const answerShape = {
  time: jsonPathInput
    .optional()
    .describe("path of the value's time (ISO 8601 or unix time); makes old answers stale"),
  samples: jsonPathInput.optional().describe("path of the number of observations behind the value"),
};

export interface AnswerPaths {
  readonly value: string;
  readonly time?: string | undefined;
  readonly samples?: string | undefined;
}

/** No number is longer; and no pattern is tried on megabytes that someone else wrote. */
const LONGEST = 400;
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;

/** Reads a sample out of a JSON answer. */
export function readAnswer(json: Json, paths: AnswerPaths, now: WallTime): Sample {
  const value = at(json, paths.value);
  if (value.kind !== "found") return value;
  const read = readValue(value.json, paths.value);
  if (read.kind !== "value") return read;
  const observedAt = timeAt(json, paths.time, now);
  if (typeof observedAt === "object" && observedAt !== null) return observedAt;
  const samples = samplesAt(json, paths.samples);
  if (typeof samples === "object" && samples !== null) return samples;
  return { ...read, observedAt, samples };
}

/** One value as a sample without a time: a finite number, a boolean, or why it is none. `null` and NaN are no data. */
export function readValue(json: Json, name: string): Sample {
  if (json === null) return noDataSample(`${name} is null`);
  if (typeof json === "boolean") return plain(json);
  if (typeof json === "number") return numeric(json, name);
  if (typeof json !== "string") {
    const what = Array.isArray(json) ? `a list of ${json.length}` : "an object";
    return errorSample(`${name} is ${what}: name one number inside it`);
  }
  const text = json.trim();
  if (text.length > LONGEST) return errorSample(`${name} is ${shown(text)}: that is not a number`);
  if (text === "") return noDataSample(`${name} is empty`);
  if (/^[+-]?nan$/i.test(text)) return noDataSample(`${name} is NaN`);
  if (/^[+-]?inf(?:inity)?$/i.test(text))
    return errorSample(`${name} is ${text}: it divides by zero`);
  if (text === "null") return noDataSample(`${name} is null`);
  if (text === "true" || text === "false") return plain(text === "true");
  if (!NUMBER.test(text)) return errorSample(`${name} is ${shown(text)}: that is not a number`);
  return numeric(Number(text), name);
}

function numeric(value: number, name: string): Sample {
  return Number.isFinite(value) ? plain(value) : errorSample(`${name} is too large for a number`);
}

function plain(value: number | boolean): Sample {
  return { kind: "value", value, samples: null, observedAt: null };
}

type Found = { readonly kind: "found"; readonly json: Json } | Exclude<Sample, { kind: "value" }>;

function at(json: Json, path: string): Found {
  const found = readJsonPath(json, path);
  if (found.found) return { kind: "found", json: found.value };
  // `series: []` is how most sources say that nothing was measured; a missing key is a wrong path or a wrong answer.
  return found.why.endsWith(" a list of 0")
    ? { kind: "noData", why: `the answer has ${found.why}` }
    : { kind: "error", why: `the answer has ${found.why}` };
}

function timeAt(json: Json, path: string | undefined, now: WallTime): WallTime | null | Sample {
  if (path === undefined) return null;
  const found = at(json, path);
  if (found.kind !== "found") return found;
  if (found.json === null) return noDataSample(`${path} is null`);
  const text = found.json;
  const time = typeof text === "string" || typeof text === "number" ? readTime(text) : null;
  if (time === null)
    return errorSample(`${path} is ${shown(JSON.stringify(text))}: that is not a time`);
  const future = futureProblem(time, now);
  if (future !== null) return errorSample(`${path} is ${future}`);
  return time;
}

function samplesAt(json: Json, path: string | undefined): number | null | Sample {
  if (path === undefined) return null;
  const found = at(json, path);
  if (found.kind !== "found") return found;
  const read = readValue(found.json, path);
  if (read.kind !== "value") return read;
  return typeof read.value === "number" && read.value >= 0
    ? read.value
    : errorSample(`${path} is ${String(read.value)}: that is not a number of samples`);
}

function shown(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
