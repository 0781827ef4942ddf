import type { CommandSpec } from "./command-spec.ts";

/** Judges tables of counts: the statistics behind relative gates, for other tools and for the curious. */
export const judgeCommand: CommandSpec = {
  name: "judge",
  group: "prove",
  args: "<file>",
  summary: "judge a table of counts with a stated error rate, at every look",
  details:
    "Reads CSV, whose first line names its columns, or NDJSON; `-` is stdin. Columns: run, canary_events, canary_total, stable_events, stable_total; others are passed over. " +
    "One row is one look at one run: what was counted since the look before, never twice. Rows of several runs may be mixed.\n" +
    "Prints a line of NDJSON for each row: {run, look, verdict, e, p, ratio, lower}. The verdict is worse, no-worse or undecided; the first of a run stays. " +
    "Worse is said wrongly in at most --alpha of all runs, however often one looks, and so is no-worse. `e` is the evidence for worse (1/alpha is enough), `p` the smallest always-valid p-value so far, " +
    "`ratio` the estimated ratio of the rates, `lower` its lower bound at all looks.\n" +
    "A row that cannot be read ends it with exit 2: it and those after it (of stdin, those that came with it) are told with line and column; what was judged before is printed.",
  options: [
    { flags: "--alpha <rate>", about: "the rate of wrong verdicts of each kind (default: 0.05)" },
    {
      flags: "--margin <ratio>",
      about: "worse means: more than this many times stable's rate (default: 1)",
    },
    {
      flags: "--no-worse-than <ratio>",
      about: "no-worse means: less than this many times stable's rate (default: 2)",
    },
    {
      flags: "--design-effect <n>",
      about: "variance over mean of the counts, where events come in bursts (default: 1)",
    },
    {
      flags: "--metrics <n>",
      about:
        "so many metrics per run, told apart by a column `metric`, judged together (default: 1)",
    },
    {
      flags: "--counts",
      about: "events are no part of the totals, which are any measure of exposure",
    },
  ],
  examples: [
    "canary judge looks.csv --margin 1.1",
    "zcat looks.ndjson.gz | canary judge - --alpha 0.01",
  ],
  load: async () => (await import("./commands/judge.ts")).judge,
};
