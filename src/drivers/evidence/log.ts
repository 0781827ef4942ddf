import { z } from "zod";

import { ok } from "../answer.ts";
import type { Answer, DriverContext, EvidenceDriver, EvidenceResult } from "../driver.ts";
import { durationInput } from "../duration-input.ts";
import { missingNeeds } from "../kubectl/can-i.ts";
import { needsOfArgv } from "../kubectl/needs-of-argv.ts";
import { readFailure } from "../kubectl/read-failure.ts";
import { execKubectl } from "../kubectl/run-kubectl.ts";
import { linePattern, linePatternInput } from "../line-pattern.ts";
import { isLogPath } from "../log-place.ts";
import { logReader } from "../log-reader.ts";

const DEFAULT_TAIL = 1000;
const WORKLOAD =
  /^(?:deployment|deploy|statefulset|sts|daemonset|ds|replicaset|rs|job|pod|po)(?:\.[\w.]+)?\/[^/]+$/;

const logEvidence = z.strictObject({
  log: z
    .string()
    .min(1)
    .describe("a path, the name of a log connection, or a workload like deployment/api"),
  match: linePatternInput.optional().describe("keeps only lines that hold this regular expression"),
  head: z.int().min(1).optional().describe("keeps the first so many lines"),
  tail: z
    .int()
    .min(1)
    .optional()
    .describe("keeps the last so many lines; without head or tail 1000"),
  redact: z
    .record(linePatternInput, z.string())
    .optional()
    .describe("replaces what a regular expression finds, by that expression"),
  since: durationInput.optional().describe("of a workload: how far back"),
  container: z.string().min(1).optional().describe("of a workload: one container of its Pods"),
});

export type LogEvidenceInput = z.infer<typeof logEvidence>;

/** Lines of a log file, or of the Pods of a workload, filtered and redacted. */
export const logLines: EvidenceDriver<LogEvidenceInput> = {
  kind: "log",
  description: "keeps lines of a log file, or of the Pods of a workload",
  connections: ["log", "kubectl"],
  needs: ({ log }) => (WORKLOAD.test(log) ? ["kubectl"] : isLogPath(log) ? [] : ["log"]),
  input: logEvidence,
  preview: (input) => {
    const what = WORKLOAD.test(input.log) ? `kubectl logs ${input.log}` : `lines of ${input.log}`;
    return input.match === undefined ? what : `${what} that match ${input.match}`;
  },
  // A file tells by itself whether it can be read.
  permissions: ({ log }, context) =>
    WORKLOAD.test(log) ? missingNeeds(needsOfArgv(["logs", log]), context) : Promise.resolve([]),
  take,
};

async function take(input: LogEvidenceInput, context: DriverContext): Promise<EvidenceResult> {
  const lines = WORKLOAD.test(input.log)
    ? await linesOfWorkload(input, context)
    : await linesOfFile(input, context);
  if (lines.kind !== "ok") return { kind: "missing", why: lines.why };
  const kept = keep(lines.value, input);
  if (kept.length === 0 && input.match !== undefined)
    return { kind: "missing", why: `no line of ${input.log} matches ${input.match}` };
  return { kind: "taken", content: kept.map((line) => `${line}\n`).join("") };
}

async function linesOfFile(
  input: LogEvidenceInput,
  context: DriverContext,
): Promise<Answer<readonly string[]>> {
  const log = logReader(input.log, context);
  if (log.kind !== "ok") return log;
  const end = await log.value.end();
  return end.kind === "ok" ? ok(end.value.lines) : end;
}

async function linesOfWorkload(
  { log, since, container }: LogEvidenceInput,
  context: DriverContext,
): Promise<Answer<readonly string[]>> {
  const from = container === undefined ? "--all-containers" : `--container=${container}`;
  const argv = ["logs", log, from, "--prefix", "--timestamps", "--tail=10000"];
  const result = await execKubectl(
    since === undefined ? argv : [...argv, `--since=${since}`],
    context,
  );
  if (result.exitCode !== 0) return readFailure(result);
  const text = result.stdout.replace(/\n$/, "");
  return ok(text === "" ? [] : text.split(/\r?\n/));
}

function keep(lines: readonly string[], input: LogEvidenceInput): readonly string[] {
  const pattern = input.match === undefined ? null : linePattern(input.match);
  const found = pattern === null ? lines : lines.filter((line) => pattern.test(line));
  const first = input.head === undefined ? found : found.slice(0, input.head);
  const tail = input.tail ?? (input.head === undefined ? DEFAULT_TAIL : first.length);
  const last = tail === 0 ? [] : first.slice(-tail);
  const rules = Object.entries(input.redact ?? {}).flatMap(([text, replacement]) => {
    const rule = linePattern(text);
    return rule === null ? [] : [{ rule: new RegExp(rule.source, `${rule.flags}g`), replacement }];
  });
  return last.map((line) =>
    // A function, so that `$1` in the replacement is only text.
    rules.reduce((text, { rule, replacement }) => text.replace(rule, () => replacement), line),
  );
}
