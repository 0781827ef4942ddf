import { failed, ok } from "../../answer.ts";
import type { Answer, DriverContext } from "../../driver.ts";
import { at, isObject, listAt, textAt, type KubeObject } from "../../kubectl/kube-object.ts";
import { readFailure } from "../../kubectl/read-failure.ts";
import {
  execKubectl,
  parseObject,
  REQUEST_TIMEOUT,
  runKubectl,
} from "../../kubectl/run-kubectl.ts";

/** The output of a child is kept up to this size, in bytes: a longer one has lost its middle. */
const MAX_OUTPUT = 4 * 1024 * 1024;
/** A container that has not begun to run has no log, and that is no failure. */
const NOT_STARTED = /waiting to start|ContainerCreating|PodInitializing/u;

export interface PodLine {
  /** Pod and container, which write in order each. */
  readonly from: string;
  /** The node's time, in milliseconds, and as a text that sorts by it to the nanosecond. */
  readonly at: number;
  readonly stamp: string;
  readonly text: string;
}

export type PodLines =
  | { readonly kind: "lines"; readonly lines: readonly PodLine[] }
  /** There is more than canary holds: ask for less. */
  | { readonly kind: "tooMany" };

/**
 * The label selector of the Pods of a workload. `kubectl logs deployment/x` would follow only one Pod of several.
 */
export async function podSelector(
  workload: string,
  context: DriverContext,
): Promise<Answer<string>> {
  const got = await runKubectl(["get", workload, "--output=json"], context);
  if (got.kind !== "ok") return got;
  const object = parseObject(got.value);
  if (object.kind !== "ok") return object;
  const terms = termsOf(object.value);
  return terms.length === 0
    ? failed(`${workload} does not say which Pods are its own`)
    : ok(terms.join(","));
}

function termsOf(object: KubeObject): readonly string[] {
  const labels = at(object, "spec", "selector", "matchLabels") ?? at(object, "spec", "selector");
  const equal = isObject(labels)
    ? Object.entries(labels).flatMap(([key, value]) =>
        typeof value === "string" ? [`${key}=${value}`] : [],
      )
    : [];
  const expressions = listAt(object, "spec", "selector", "matchExpressions").flatMap((each) => {
    const key = textAt(each, "key") ?? "";
    const values = listAt(each, "values").map(String).join(",");
    const word = { In: "in", NotIn: "notin" }[textAt(each, "operator") ?? ""];
    if (word !== undefined) return [`${key} ${word} (${values})`];
    return [textAt(each, "operator") === "DoesNotExist" ? `!${key}` : key];
  });
  return [...equal, ...expressions];
}

/** What the Pods of a selector wrote in the last so many seconds, by their nodes' own clocks. */
export async function podLines(
  selector: string,
  container: string | undefined,
  seconds: number,
  context: DriverContext,
): Promise<Answer<PodLines>> {
  const result = await execKubectl(
    [
      REQUEST_TIMEOUT,
      "logs",
      `--selector=${selector}`,
      container === undefined ? "--all-containers" : `--container=${container}`,
      `--since=${seconds}s`,
      "--tail=-1",
      "--prefix",
      "--timestamps",
      "--ignore-errors",
      "--max-log-requests=100",
    ],
    context,
  );
  if (result.exitCode !== 0) return readFailure(result);
  const problem = `${result.stdout}\n${result.stderr}`.split("\n").find(isProblem);
  if (problem !== undefined) return failed(problem.slice(0, 300));
  if (/^No resources found/mu.test(result.stderr))
    return failed(`no Pod has the labels ${selector}`);
  if (Buffer.byteLength(result.stdout) >= MAX_OUTPUT) return ok({ kind: "tooMany" });
  return ok({ kind: "lines", lines: result.stdout.split("\n").flatMap(parseLine) });
}

/** With `--ignore-errors` a log that could not be read is told between the lines, which all begin with their Pod. */
function isProblem(line: string): boolean {
  return /^(?:error|failed)\b/iu.test(line) && !NOT_STARTED.test(line);
}

const LINE =
  /^\[(?<from>pod\/\S+)\] (?<seconds>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(?<fraction>\d{1,9}))?(?<zone>Z|[+-]\d\d:\d\d) ?(?<text>.*)$/u;

function parseLine(line: string): readonly PodLine[] {
  const { from, seconds, fraction = "", zone, text } = LINE.exec(line)?.groups ?? {};
  if (from === undefined || text === undefined) return [];
  const whole = Date.parse(`${seconds}${zone}`);
  const nanos = fraction.padEnd(9, "0");
  return [{ from, at: whole + Number(nanos) / 1e6, stamp: `${whole}.${nanos}`, text }];
}
