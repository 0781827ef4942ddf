import { z } from "zod";

import type { CheckDriver, CheckResult, DriverContext } from "../driver.ts";
import { durationInput, durationOf } from "../duration-input.ts";
import { linePattern, linePatternInput } from "../line-pattern.ts";
import { logFile } from "../log-place.ts";
import { logEnd, readLogEnd, readLogSince, type LogPlace } from "../read-log.ts";

const POLL = 100;
const PATIENCE = "10s";
/** How many of the lines it saw a check keeps, for its evidence. */
const KEPT = 200;

const logCheck = z
  .strictObject({
    log: z.string().min(1).describe("a path, or the name of a log connection"),
    lines: z
      .array(linePatternInput)
      .min(1)
      .optional()
      .describe("regular expressions of lines that must come, in this order"),
    never: z
      .array(linePatternInput)
      .min(1)
      .optional()
      .describe("regular expressions of lines that must not come"),
    for: durationInput
      .optional()
      .describe("how long it watches from when it began, without it 10s; keep `timeout` above it"),
    last: z
      .int()
      .min(0)
      .max(100_000)
      .optional()
      .describe("how many lines that are there already count too; without it none"),
  })
  .refine(
    ({ lines, never }) => lines !== undefined || never !== undefined,
    "say what to look for: `lines`, `never`, or both",
  );

export type LogCheckInput = z.infer<typeof logCheck>;

/**
 * Lines of a log file since the check began: these, in this order, and never those. It passes when the last line of
 * `lines` has come, and with `never` when the time is over. A log that cannot be read is an error: nothing was seen.
 */
export const log: CheckDriver<LogCheckInput> = {
  kind: "log",
  description: "watches a log file for lines that must come, or must not",
  connections: ["log"],
  input: logCheck,
  preview: ({ log: place, lines, never }) => {
    const wanted = lines === undefined ? [] : [`for ${lines.join(" → ")}`];
    const unwanted = never === undefined ? [] : [`never ${never.join(", ")}`];
    return `watch ${place} ${[...wanted, ...unwanted].join(", ")}`;
  },
  run: watch,
};

async function watch(input: LogCheckInput, context: DriverContext): Promise<CheckResult> {
  const file = logFile(input.log, context);
  if (file.kind !== "ok") return { kind: "error", detail: file.why, body: "" };
  const search = searchOf(input);
  const until = context.now() + durationOf(input.for ?? PATIENCE);
  let { place, seen } = await begin(file.value, input.last ?? 0, search);
  for (;;) {
    const read = await readLogSince(file.value, place);
    if (read.kind === "ok") {
      place = read.value.place;
      seen = take(seen, read.value.lines, search);
    }
    const isOver = context.now() >= until;
    if (isOver && read.kind !== "ok")
      return { kind: "error", detail: read.why, body: bodyOf(seen) };
    if (isOver || isDecided(seen, search)) return verdict(file.value, seen, search);
    try {
      await context.sleep(POLL);
    } catch {
      return { kind: "error", detail: "interrupted", body: bodyOf(seen) };
    }
  }
}

interface Search {
  readonly wanted: readonly RegExp[];
  readonly unwanted: readonly RegExp[];
}

interface Seen {
  /** The last lines, for the evidence. */
  readonly lines: readonly string[];
  /** How many of the wanted lines have come. */
  readonly found: number;
  readonly forbidden: string | null;
}

function searchOf({ lines = [], never = [] }: LogCheckInput): Search {
  return { wanted: lines.flatMap(compiled), unwanted: never.flatMap(compiled) };
}

function compiled(text: string): readonly RegExp[] {
  const pattern = linePattern(text);
  return pattern === null ? [] : [pattern];
}

/** The end of the log, where the check begins, with the last lines that count too. */
async function begin(
  path: string,
  last: number,
  search: Search,
): Promise<{ readonly place: LogPlace; readonly seen: Seen }> {
  const nothing: Seen = { lines: [], found: 0, forbidden: null };
  if (last === 0) return { place: await logEnd(path), seen: nothing };
  const end = await readLogEnd(path);
  if (end.kind !== "ok") return { place: { ino: 0, offset: 0 }, seen: nothing };
  return { place: end.value.place, seen: take(nothing, end.value.lines.slice(-last), search) };
}

function take(before: Seen, lines: readonly string[], { wanted, unwanted }: Search): Seen {
  let { found, forbidden } = before;
  for (const line of lines) {
    if (wanted[found]?.test(line) === true) found += 1;
    if (unwanted.some((pattern) => pattern.test(line))) forbidden ??= line;
  }
  return { lines: [...before.lines, ...lines].slice(-KEPT), found, forbidden };
}

/** Whether waiting longer can change nothing. */
function isDecided({ found, forbidden }: Seen, { wanted, unwanted }: Search): boolean {
  return forbidden !== null || (unwanted.length === 0 && found === wanted.length);
}

function verdict(file: string, seen: Seen, { wanted }: Search): CheckResult {
  const body = bodyOf(seen);
  if (seen.forbidden !== null)
    return { kind: "fail", detail: `${file} has ${seen.forbidden.slice(0, 200)}`, body };
  const missing = wanted[seen.found];
  if (missing === undefined) return { kind: "pass", detail: `${file} is as expected`, body };
  const before = wanted[seen.found - 1];
  const after = before === undefined ? "" : ` after ${before.source}`;
  return { kind: "fail", detail: `${file} has no line ${missing.source}${after}`, body };
}

function bodyOf({ lines }: Seen): string {
  return lines.map((line) => `${line}\n`).join("");
}
