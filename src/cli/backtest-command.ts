import type { CommandSpec } from "./command-spec.ts";
import { jsonOption, planOptions } from "./option-specs.ts";

/** Runs a plan over the past, before it is trusted with the present. */
export const backtestCommand: CommandSpec = {
  name: "backtest",
  group: "prove",
  args: "[plan]",
  summary:
    "run a plan over the past of its metrics: where it would have rolled back, and how often wrongly",
  details:
    "Plays the plan in virtual time, by the same machine as a real start, over what a Prometheus remembers. Changes and checks " +
    "are taken to go well and confirmations to be given; metrics alone decide. One rollout begins when the one before is over, " +
    "or each --every. What went back while nothing was wrong is a false alarm: name the times when something was with --incident. " +
    "Metrics of sources that keep no past are taken to be healthy, and named on stderr.\n" +
    "Times are 2026-11-01, 2026-11-01T09:30Z, now, or how long ago: 14d. Exits 0 however the rollouts would have ended.",
  options: [
    ...planOptions,
    { flags: "--from <time>", about: "where it begins" },
    { flags: "--to <time>", about: "where it ends (default: now)" },
    {
      flags: "--every <duration>",
      about: "begins a rollout this often, whether the last is over or not",
    },
    { flags: "--incident <from/to>", about: "something was wrong then; repeatable", many: true },
    {
      flags: "--canary-arm <matchers>",
      about:
        "who the canary was, where it was not what the plan says: two halves of one version show false alarms",
    },
    { flags: "--stable-arm <matchers>", about: "the same for stable" },
    {
      flags: "--calibrate",
      about: "suggests design effects and margins for comparisons with stable",
    },
    jsonOption,
  ],
  examples: [
    "canary backtest checkout.yaml --from 14d --calibrate",
    "canary backtest --plan checkout.yaml --from 2026-11-01 --to 2026-11-15 --incident 2026-11-03T10:00Z/2026-11-03T11:30Z",
  ],
  load: async () => (await import("./commands/backtest.ts")).backtestPlan,
};
