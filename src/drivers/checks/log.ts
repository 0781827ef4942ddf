import { z } from "zod";

import type { WallTime } from "../../core/units.ts";
import { ok } from "../answer.ts";
import type { Answer, CheckDriver, CheckMemory, CheckResult, DriverContext } from "../driver.ts";
import { durationInput, durationOf } from "../duration-input.ts";
import { linePatternInput } from "../line-pattern.ts";
import { isLogPath } from "../log-place.ts";
import { logReader, type LogReader, type LogSpot } from "../log-reader.ts";
import { lineTime } from "../metrics/log/line-time.ts";
import {
  isDecided,
  lineProblem,
  lineSearch,
  nothingSeen,
  seeLines,
  wantedLineInput,
  type LineSearch,
  type LinesSeen,
  type WantedLineInput,
} from "./line-search.ts";

const PATIENCE = "10s";
/** How many of the lines it saw a check keeps, for its evidence. */
const KEPT = 200;

const logCheck = z
  .strictObject({
    log: z.string().min(1).describe("a path, or the name of a log connection"),
    lines: z
      .array(wantedLineInput)
      .min(1)
      .refine((lines) => typeof lines[0] !== "object", {
        error: "the first line comes after no other: leave out its `after`",
        path: [0, "after"],
      })
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
 * As a step it goes on behind the last line that an earlier step of the same check wanted of this log.
 */
export const log: CheckDriver<LogCheckInput> = {
  kind: "log",
  description: "watches a log file for lines that must come, or must not",
  connections: ["log"],
  needs: ({ log: place }) => (isLogPath(place) ? [] : ["log"]),
  input: logCheck,
  preview: ({ log: place, lines, never }) => {
    const wanted = lines === undefined ? [] : [`for ${lines.map(described).join(" → ")}`];
    const unwanted = never === undefined ? [] : [`never ${never.join(", ")}`];
    return `watch ${place} ${[...wanted, ...unwanted].join(", ")}`;
  },
  async begin(input, context, memory) {
    const reader = logReader(input.log, context);
    if (reader.kind !== "ok" || memory.has(keyOf(reader.value))) return;
    const start = await beginning(reader.value, input.last ?? 0);
    if (start.kind === "ok") remember(memory, reader.value, start.value);
  },
  run: watch,
};

function described(wanted: WantedLineInput): string {
  return typeof wanted === "string" ? wanted : `${wanted.line} (${wanted.after} later)`;
}

/** A place in a log, and the lines before it that are still to be looked at. */
interface Start {
  readonly place: LogSpot;
  readonly lines: readonly string[];
}

async function watch(
  input: LogCheckInput,
  context: DriverContext,
  memory: CheckMemory = new Map(),
): Promise<CheckResult> {
  const opened = logReader(input.log, context);
  if (opened.kind !== "ok") return { kind: "error", detail: opened.why, body: "" };
  const log = opened.value;
  const known = recall(memory, log);
  const start = known === null ? await beginning(log, input.last ?? 0) : ok(known);
  if (start.kind !== "ok") return { kind: "error", detail: start.why, body: "" };
  return await follow(log, start.value, input, context, memory);
}

async function follow(
  log: LogReader,
  start: Start,
  input: LogCheckInput,
  context: DriverContext,
  memory: CheckMemory,
): Promise<CheckResult> {
  const search = lineSearch(input, timeOf(context));
  const until = context.now() + durationOf(input.for ?? PATIENCE);
  let { place } = start;
  let kept = start.lines;
  let seen = seeLines(nothingSeen, start.lines, search);
  for (;;) {
    const read = await log.since(place);
    if (read.kind === "ok") {
      place = read.value.place;
      kept = [...kept, ...read.value.lines].slice(-KEPT);
      seen = seeLines(seen, read.value.lines, search);
    }
    remember(memory, log, { place, lines: seen.rest });
    const body = kept.map((line) => `${line}\n`).join("");
    const isOver = context.now() >= until;
    if (isOver && read.kind !== "ok") return { kind: "error", detail: read.why, body };
    if (isOver || isDecided(seen, search)) return verdict(log.name, seen, search, body);
    try {
      await context.sleep(log.poll);
    } catch {
      return { kind: "error", detail: "interrupted", body };
    }
  }
}

function verdict(path: string, seen: LinesSeen, search: LineSearch, body: string): CheckResult {
  if (seen.wrong === null && seen.untimed !== null) {
    const fix = "state `time` at its connection, or leave out `after`";
    return { kind: "error", detail: `${path}: ${seen.untimed}: ${fix}`, body };
  }
  const problem = lineProblem(seen, search);
  return problem === null
    ? { kind: "pass", detail: `${path} is as expected`, body }
    : { kind: "fail", detail: `${path} ${problem}`, body };
}

/** Lines state their time where their connection says so. */
function timeOf(context: DriverContext): (line: string) => WallTime | null {
  const { time, zone } = context.connection;
  if (typeof time !== "string") return () => null;
  const read = lineTime({ time, zone: typeof zone === "string" ? zone : undefined });
  return (line) => read(line, context.now());
}

/** The end of the log, where the check begins, with the last lines that count too. */
async function beginning(log: LogReader, last: number): Promise<Answer<Start>> {
  const end = last === 0 ? null : await log.end();
  if (end?.kind === "ok")
    return ok({ place: end.value.place, lines: end.value.lines.slice(-last) });
  const here = await log.here();
  return here.kind === "ok" ? ok({ place: here.value, lines: [] }) : here;
}

function keyOf({ name }: LogReader): string {
  return `log ${name}`;
}

function remember(memory: CheckMemory, log: LogReader, start: Start): void {
  memory.set(keyOf(log), start);
}

function recall(memory: CheckMemory, log: LogReader): Start | null {
  return (memory.get(keyOf(log)) as Start | undefined) ?? null;
}
