import { z } from "zod";

import type { WallTime } from "../../core/units.ts";
import type { CheckDriver, CheckMemory, CheckResult, DriverContext } from "../driver.ts";
import { durationInput, durationOf } from "../duration-input.ts";
import { linePatternInput } from "../line-pattern.ts";
import { isLogPath, logFile } from "../log-place.ts";
import { lineTime } from "../metrics/log/line-time.ts";
import { logEnd, readLogEnd, readLogSince, type LogPlace } from "../read-log.ts";
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

const POLL = 100;
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
    const file = logFile(input.log, context);
    if (file.kind !== "ok" || memory.has(keyOf(file.value))) return;
    remember(memory, file.value, await beginning(file.value, input.last ?? 0));
  },
  run: watch,
};

function described(wanted: WantedLineInput): string {
  return typeof wanted === "string" ? wanted : `${wanted.line} ${wanted.after} later`;
}

/** A place in a log, and the lines before it that are still to be looked at. */
interface Start {
  readonly place: LogPlace;
  readonly lines: readonly string[];
}

async function watch(
  input: LogCheckInput,
  context: DriverContext,
  memory: CheckMemory = new Map(),
): Promise<CheckResult> {
  const file = logFile(input.log, context);
  if (file.kind !== "ok") return { kind: "error", detail: file.why, body: "" };
  const path = file.value;
  const search = lineSearch(input, timeOf(context));
  const until = context.now() + durationOf(input.for ?? PATIENCE);
  const start = recall(memory, path) ?? (await beginning(path, input.last ?? 0));
  let { place } = start;
  let kept = start.lines;
  let seen = seeLines(nothingSeen, start.lines, search);
  for (;;) {
    const read = await readLogSince(path, place);
    if (read.kind === "ok") {
      place = read.value.place;
      kept = [...kept, ...read.value.lines].slice(-KEPT);
      seen = seeLines(seen, read.value.lines, search);
    }
    remember(memory, path, { place, lines: seen.rest });
    const body = kept.map((line) => `${line}\n`).join("");
    const isOver = context.now() >= until;
    if (isOver && read.kind !== "ok") return { kind: "error", detail: read.why, body };
    if (isOver || isDecided(seen, search)) return verdict(path, seen, search, body);
    try {
      await context.sleep(POLL);
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
async function beginning(path: string, last: number): Promise<Start> {
  if (last === 0) return { place: await logEnd(path), lines: [] };
  const end = await readLogEnd(path);
  if (end.kind !== "ok") return { place: { ino: 0, offset: 0 }, lines: [] };
  return { place: end.value.place, lines: end.value.lines.slice(-last) };
}

function keyOf(path: string): string {
  return `log ${path}`;
}

function remember(memory: CheckMemory, path: string, { place, lines }: Start): void {
  const { ino, offset } = place;
  memory.set(keyOf(path), { ino, offset, lines });
}

function recall(memory: CheckMemory, path: string): Start | null {
  const known = memory.get(keyOf(path)) as (LogPlace & { lines: readonly string[] }) | undefined;
  return known === undefined
    ? null
    : { place: { ino: known.ino, offset: known.offset }, lines: known.lines };
}
