import { z } from "zod";

import type { Sample } from "../../core/sample.ts";
import type { Millis } from "../../core/units.ts";
import type { DriverContext, MetricDriver } from "../driver.ts";
import { workloadInput } from "../kubectl/object-input.ts";
import { linePatternInput } from "../line-pattern.ts";
import { plainQuery } from "./fill-window.ts";
import { createFileFeed } from "./log/file-feed.ts";
import { createFollower, type FollowedLog, type Follower } from "./log/follower.ts";
import { lineTime } from "./log/line-time.ts";
import { logQuery, type LogQuery } from "./log/log-query.ts";
import { createPodReader, type PodReader } from "./log/pod-reader.ts";
import { createRemoteFeed } from "./log/remote-feed.ts";
import { createWorkloadFeed } from "./log/workload-feed.ts";
import { withinSignal } from "./within-signal.ts";

const sshShape = {
  host: z
    .string()
    .regex(/^[^\s-]\S*$/u, "write a host, user@host or an alias of ~/.ssh/config")
    .optional()
    .describe("the machine that the file is on, reached through ssh"),
  port: z.int().min(1).max(65_535).optional().describe("of ssh, where it is not the usual"),
  identity: z.string().min(1).optional().describe("of ssh: the private key file"),
  knownHosts: z.string().min(1).optional().describe("of ssh: the file of host keys"),
};

const logConfigShape = z.strictObject({
  file: z.string().min(1).optional().describe("path of the log; it may be rotated and truncated"),
  ...sshShape,
  workload: workloadInput
    .optional()
    .describe("instead of a file: what all Pods of deployment/api write, through kubectl"),
  container: z.string().min(1).optional().describe("of a workload: one container of its Pods"),
  context: z.string().min(1).optional().describe("of a workload: a context of the kubeconfig"),
  namespace: z.string().min(1).optional().describe("of a workload: its namespace"),
  kubeconfig: z.string().min(1).optional().describe("of a workload: path of a kubeconfig file"),
  time: linePatternInput
    .optional()
    .describe(
      "finds the time of a line, in its group if it has one; without it a line's time is its arrival",
    ),
  zone: z
    .string()
    .regex(/^[+-]\d\d:\d\d$/u, "write an offset like +02:00")
    .optional()
    .describe("the offset of times that state none, without it UTC"),
  quiet: z
    .boolean()
    .optional()
    .describe("whether the log may be silent while all is well; without it silence is no data"),
});

export const logConfig = logConfigShape.superRefine((config, issues) => {
  const problem = placeProblem(config);
  if (problem !== null) issues.addIssue({ code: "custom", ...problem });
});

export type LogConfig = z.infer<typeof logConfig>;

function placeProblem(config: LogConfig): { message: string; path: string[] } | null {
  if ((config.file === undefined) === (config.workload === undefined))
    return { message: "state a `file`, or a `workload`", path: [] };
  if (config.host !== undefined && config.file !== undefined && config.time === undefined)
    return {
      message: "state the `time` of its lines: through ssh a log is read only now and then",
      path: ["host"],
    };
  const part = (["port", "identity", "knownHosts"] as const).find(
    (key) => config[key] !== undefined,
  );
  if (part !== undefined && config.host === undefined)
    return { message: `\`${part}\` goes with a \`host\``, path: [part] };
  const [owned, owner] =
    config.file === undefined
      ? ([["time", "zone", "host"], "file"] as const)
      : ([["container", "context", "namespace", "kubeconfig"], "workload"] as const);
  const stray = owned.find((key) => config[key] !== undefined);
  if (stray === undefined) return null;
  const why = stray === "time" ? ": kubectl tells the time of each line" : "";
  return { message: `\`${stray}\` goes with a \`${owner}\`${why}`, path: [stray] };
}

/**
 * Lines of a log file, or of the Pods of a workload, within a window: counts, shares, quantiles, personal data. Where lines state their time the window
 * reaches back before the rollout; otherwise it has to be watched first.
 */
export const logDriver: MetricDriver<LogConfig, LogQuery> = {
  type: "log",
  description: "counts and measures lines of a log",
  config: logConfig,
  query: logQuery,
  window: () => null,
  unit: (query) =>
    query.count !== undefined || query.scan !== undefined
      ? "count"
      : query.quantile === undefined
        ? "ratio"
        : null,
  lint: () => [],
  open(opened) {
    const followers = new Map<string, Follower>();
    const readersOf = sharedReaders();
    return {
      sample(query, window, context) {
        const config: LogConfig = { ...opened, ...context.connection };
        return withinSignal(
          context.signal,
          ask({ followers, readersOf }, config, plainQuery(query), window, context),
        );
      },
      close() {
        for (const follower of followers.values()) follower.close();
        followers.clear();
      },
    };
  },
};

type ReadersOf = (workload: string, container: string | undefined) => PodReader;

interface Kept {
  readonly followers: Map<string, Follower>;
  readonly readersOf: ReadersOf;
}

function ask(
  { followers, readersOf }: Kept,
  config: LogConfig,
  query: LogQuery,
  window: Millis,
  context: DriverContext,
): Promise<Sample> {
  const key = JSON.stringify([config, query]);
  const follower = followers.get(key) ?? createFollower(followed(config, readersOf), query);
  followers.set(key, follower);
  return follower.ask(window, context);
}

/** One reader for all questions about the same Pods. */
function sharedReaders(): ReadersOf {
  const readers = new Map<string, PodReader>();
  return (workload, container) => {
    const key = JSON.stringify([workload, container]);
    const reader = readers.get(key) ?? createPodReader(workload, container);
    readers.set(key, reader);
    return reader;
  };
}

function followed(config: LogConfig, readersOf: ReadersOf): FollowedLog {
  const { file, workload, container, time, zone, host, quiet = false } = config;
  if (workload !== undefined)
    return {
      name: workload,
      quiet,
      reachesBack: true,
      open: () => createWorkloadFeed({ workload, readPods: readersOf(workload, container) }),
    };
  // The schema lets no log through without either, and none of another machine without times.
  const path = file ?? "";
  const timeOf = time === undefined ? null : lineTime({ time, zone });
  if (host !== undefined && timeOf !== null)
    return {
      name: `${path} on ${host}`,
      quiet,
      reachesBack: true,
      open: (now) => createRemoteFeed({ path, timeOf, now, ssh: { ...config, host } }),
    };
  return {
    name: path,
    quiet,
    reachesBack: timeOf !== null,
    open: (now) => createFileFeed({ path, timeOf, now }),
  };
}
