import { z } from "zod";

import type { Sample } from "../../core/sample.ts";
import type { Millis } from "../../core/units.ts";
import type { DriverContext, MetricDriver } from "../driver.ts";
import { linePatternInput } from "../line-pattern.ts";
import { createFollower, type Follower } from "./log/follower.ts";
import { logQuery, type LogQuery } from "./log/log-query.ts";
import { withinSignal } from "./within-signal.ts";

export const logConfig = z.strictObject({
  file: z.string().min(1).describe("path of the log; it may be rotated and truncated"),
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

export type LogConfig = z.infer<typeof logConfig>;

/**
 * Lines of a log file within a window: counts, shares, quantiles, personal data. Where lines state their time the window
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
    return {
      sample(query, window, context) {
        const config: LogConfig = { ...opened, ...context.connection };
        return withinSignal(context.signal, ask(followers, config, query, window, context));
      },
      close() {
        for (const follower of followers.values()) follower.close();
        followers.clear();
      },
    };
  },
};

function ask(
  followers: Map<string, Follower>,
  config: LogConfig,
  query: LogQuery,
  window: Millis,
  context: DriverContext,
): Promise<Sample> {
  const key = JSON.stringify([config, query]);
  const follower = followers.get(key) ?? createFollower(config, query);
  followers.set(key, follower);
  return follower.ask(window, context);
}
