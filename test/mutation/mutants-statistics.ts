import type { Mutant } from "./mutant.ts";

/** Bugs in the tests with a stated error rate. */
export const statisticsMutants: readonly Mutant[] = [
  {
    name: "the share of the canary is that of stable",
    file: "core/judge/rate-test.ts",
    find: "const share = canary.total /",
    become: "const share = stable.total /",
  },
  {
    name: "the design effect is passed over",
    file: "core/judge/rate-test.ts",
    find: "(spread[at] ?? 0)) / designEffect",
    become: "(spread[at] ?? 0)) / Math.min(1, designEffect)",
  },
  {
    name: "worse is found at half the evidence",
    file: "core/judge/rate-test.ts",
    find: "const bar = -Math.log(alpha);",
    become: "const bar = -Math.log(2 * alpha);",
  },
  {
    name: "no worse is found at half the evidence",
    file: "core/judge/rate-test.ts",
    find: 'logNoWorse >= bar ? "no-worse"',
    become: 'logNoWorse >= bar / 2 ? "no-worse"',
  },
  {
    name: "a verdict does not stay",
    file: "core/judge/rate-test.ts",
    find: 'test.verdict === "undecided" ? found : test.verdict',
    become: "found",
  },
  {
    name: "the p-value is that of the last look only",
    file: "core/judge/rate-test.ts",
    find: "const peak = Math.max(test.peak, log);",
    become: "const peak = log;",
  },
  {
    name: "the best alternative counts alone",
    file: "core/judge/log-mean-exp.ts",
    find: "return most + Math.log(sum);",
    become: "return most;",
  },
  {
    name: "a metric that has seen nothing does not count",
    file: "core/judge/average-e.ts",
    find: "return logMeanExp([...logs, ...unseen]);",
    become: "return logs.length > 0 ? logMeanExp(logs) : logMeanExp(unseen);",
  },
  {
    name: "a counter's reset counts as it stands",
    file: "core/judge/counter-difference.ts",
    find: "return differences.every((difference) => difference >= 0) ? differences : null;",
    become:
      "return differences.map((difference, at) => (difference >= 0 ? difference : (now[at] ?? 0)));",
  },
  {
    name: "a mean is judged by two sides",
    file: "core/judge/mean-test.ts",
    find: "Math.log1p(Math.sqrt(scaled) / (2 * alpha))",
    become: "Math.log(Math.sqrt(scaled) / alpha)",
  },
  {
    name: "a mean is judged on a handful",
    file: "core/judge/mean-test.ts",
    find: "if (a.n < LEAST || b.n < LEAST) return null;",
    become: "if (a.n < 2 || b.n < 2) return null;",
  },
  {
    name: "the split is checked for one side only",
    file: "core/judge/split-test.ts",
    find: 'return isWorse(fewer) ? "too-few" : "as-intended";',
    become: 'return "as-intended";',
  },
  {
    name: "a bucket that is none of the histogram counts as empty",
    file: "core/judge/exceedance.ts",
    find: "if (total === undefined || within === undefined) return null;\n  return { events: total - within, total };",
    become:
      "if (total === undefined) return null;\n  return { events: total - (within ?? total), total };",
  },
  {
    name: "overlapping windows are counted",
    file: "core/gather-evidence.ts",
    find: "const from = Math.max(clock, kept?.until ?? clock);",
    become: "const from = clock;",
  },
  {
    name: "a window from before the stage is counted",
    file: "core/counted-pair.ts",
    find: "Math.min(askedAt(canary), askedAt(stable)) < from + window",
    become: "Math.min(askedAt(canary), askedAt(stable)) < from",
  },
  {
    name: "a gate keeps the evidence of the stage before",
    file: "core/gather-evidence.ts",
    find: "const kept = does === null && before?.clock !== clock ? undefined : before;",
    become: "const kept = before;",
  },
  {
    name: "the arms are exchanged",
    file: "core/gather-evidence.ts",
    find: "{ canary: canary.counts, stable: stable.counts }",
    become: "{ canary: stable.counts, stable: canary.counts }",
  },
  {
    name: "what is not settled passes",
    file: "core/judge-claim.ts",
    find: "const truth = proven === null ? open :",
    become: 'const truth = proven === null ? "holds" :',
  },
  {
    name: "no worse is proven on fewer samples than asked for",
    file: "core/judge-claim.ts",
    find: 'verdict === "no-worse" && canary.total >= minSamples',
    become: 'verdict === "no-worse" && canary.total >= 0 * minSamples',
  },
  {
    name: "resume keeps what was proven",
    file: "core/words.ts",
    find: "state.claims = {};",
    become: "",
  },
  {
    name: "the evidence of triggers is lost with the process",
    file: "core/takeover-state.ts",
    find: 'key.startsWith("trigger:")',
    become: 'key.startsWith("none:")',
  },
  {
    name: "the next process counts windows from before it began",
    file: "core/takeover-state.ts",
    find: "{ ...each, until: now }",
    become: "each",
  },
  {
    name: "an arm that counts nothing is taken at its word",
    file: "core/judge-metric.ts",
    find: 'if (isClaim && metric.compares !== "means" && sample.samples === null)',
    become: "if (isClaim && sample.samples === undefined)",
  },
  {
    name: "each of several triggers takes the whole rate of false alarms",
    file: "core/claim-family.ts",
    find: "return sum >= members.length;",
    become: "return sum >= 1;",
  },
  {
    name: "a split that is off holds nothing",
    file: "core/watch-split.ts",
    find: 'if (verdict === "as-intended") return;',
    become: "if (verdict !== undefined) return;",
  },
  {
    name: "thin windows weigh as much as others",
    file: "core/gather-evidence.ts",
    find: "samples !== null && samples < minSamples",
    become: "samples !== null && samples < 0 * minSamples",
  },
  {
    name: "windows that depend on each other count as independent",
    file: "core/judge/mean-test.ts",
    find: "(options.designEffect * squares) / (n - 1)",
    become: "squares / (n - 1)",
  },
];
