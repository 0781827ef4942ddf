import type { Mutant } from "./mutant.ts";

/** Bugs in how samples become outcomes, and outcomes observed time. */
export const judgingMutants: readonly Mutant[] = [
  {
    name: "promote on inconclusive",
    file: "core/judge-condition.ts",
    find: 'return truth === "holds" ? "pass" :',
    become: 'return truth === "holds" || truth === "inconclusive" ? "pass" :',
  },
  {
    name: "no data passes a gate",
    file: "core/judge-condition.ts",
    find: 'return truth === "holds" ? "pass" :',
    become: 'return truth === "holds" || truth === "noData" ? "pass" :',
  },
  {
    name: "no data fires a trigger",
    file: "core/judge-condition.ts",
    find: 'if (truth === "holds") return "fail";',
    become: 'if (truth === "holds" || truth === "noData") return "fail";',
  },
  {
    name: "a blind trigger is a quiet one",
    file: "core/judge-condition.ts",
    find: 'return truth === "warming" || truth === "waiting" ? "inconclusive" : truth;',
    become: 'return "inconclusive";',
  },
  {
    name: "too few samples are enough",
    file: "core/judge-metric.ts",
    find: "metric.minSamples > 0 && samples < metric.minSamples",
    become: "metric.minSamples > 0 && samples < 0",
  },
  {
    name: "an uncounted value has enough samples",
    file: "core/judge-metric.ts",
    find: "sample.samples ?? 0",
    become: "sample.samples ?? Infinity",
  },
  {
    name: "a source that went silent keeps its last word",
    file: "core/judge-metric.ts",
    find: "return age > metric.maxAge + metric.timeout + interval",
    become: "return age > Infinity",
  },
  {
    name: "a gate judges the stage before",
    file: "core/judge-metric.ts",
    find: "if (clock !== null && now < clock + window)",
    become: "if (clock !== null && now < clock)",
  },
  {
    name: "a gate judges a sample from before its clock",
    file: "core/judge-metric.ts",
    find: "if (measured === undefined || (clock !== null && measured.at <= clock))\n    return notYet(",
    become: "if (measured === undefined)\n    return notYet(",
  },
  {
    name: "a span in `for` is over at once",
    file: "core/held-for.ts",
    find: "if (seen - began >= span)",
    become: "if (seen - began >= 0)",
  },
  {
    name: "a blind sample resets `for`",
    file: "core/held-for.ts",
    find: "return began === undefined ? judged :",
    become: "return began === undefined || began > 0 ? judged :",
  },
  {
    name: "time without a look counts for `for`",
    file: "core/held-for.ts",
    find: "judged.seen ?? context.now",
    become: "context.now",
  },
  {
    name: "`any` wants all",
    file: "core/judge-condition.ts",
    find: 'kind === "any" ? ANY_ORDER : ALL_ORDER',
    become: 'kind === "any" ? ALL_ORDER : ALL_ORDER',
  },
  {
    name: "`all` wants any",
    file: "core/judge-condition.ts",
    find: 'kind === "any" ? ANY_ORDER : ALL_ORDER',
    become: 'kind === "any" ? ANY_ORDER : ANY_ORDER',
  },
  {
    name: "a relative limit is added",
    file: "core/judge-metric.ts",
    find: "reference.value * limit.factor",
    become: "reference.value + limit.factor",
  },
  {
    name: "the canary is compared with itself",
    file: "core/judge-metric.ts",
    find: 'measurementKey(metric.name, condition.over, "stable")',
    become: "measurementKey(metric.name, condition.over)",
  },
  {
    name: "the stable arm is never asked",
    file: "core/measurements.ts",
    find: "return [canary, {",
    become: "return [canary].length > 0 ? [canary] : [canary, {",
  },
  {
    name: "a limit is reached only beyond it",
    file: "core/compare.ts",
    find: "return value <= limit;",
    become: "return value < limit;",
  },
  {
    name: "a person's no is a yes",
    file: "core/judge-condition.ts",
    find: 'word.yes ? "holds" : "not"',
    become: 'word.yes ? "holds" : "holds"',
  },
  {
    name: "a check that could not be run has failed",
    file: "core/judge-condition.ts",
    find: 'if (record.result === "error") return said("error", detail);',
    become: "",
  },
  {
    name: "blind ticks count as green",
    file: "core/soak.ts",
    find: 'case "waiting":\n      return { soak: { ...next, green',
    become:
      'case "waiting":\n    case "stale":\n    case "noData":\n      return { soak: { ...next, green',
  },
  {
    name: "a red tick does not restart the soak",
    file: "core/soak.ts",
    find: "return { soak: { ...next, green: 0, red: 0 }, restarted: soak.green",
    become: "return { soak: { ...next, red: 0 }, restarted: soak.green",
  },
  {
    name: "inconclusive ticks count as green",
    file: "core/soak.ts",
    find: "return { soak: next, restarted: null };\n    case",
    become: "return { soak: { ...next, green: soak.green + elapsed }, restarted: null };\n    case",
  },
  {
    name: "tolerated red time is never used up",
    file: "core/soak.ts",
    find: "return { soak: { ...next, red }, restarted: null };",
    become: "return { soak: next, restarted: null };",
  },
  {
    name: "time away counts as observed",
    file: "core/soak.ts",
    find: "elapsed > 3 * bounds.interval || Math",
    become: "Math",
  },
  {
    name: "a jumped clock counts as observed",
    file: "core/soak.ts",
    find: "|| Math.abs(wall - elapsed) > bounds.interval",
    become: "",
  },
  {
    name: "half a soak is enough",
    file: "core/soak.ts",
    find: "if (soak.green < stage.soak) return false;",
    become: "if (soak.green < stage.soak / 2) return false;",
  },
  {
    name: "one green gate is enough",
    file: "core/soak.ts",
    find: "return last.every(",
    become: "return last.some(",
  },
  {
    name: "a stable arm that is blind passes",
    file: "core/judge-metric.ts",
    find: "return valueOf(measured, metric, context, { isClaim, name });",
    become:
      'return measured.sample.kind === "value" ? valueOf(measured, metric, context, { isClaim, name }) : { kind: "known", value: Infinity };',
  },
  {
    name: "a span of all goes by the latest look",
    file: "core/judge-condition.ts",
    find: '(kind === "any" ? Math.max : Math.min)',
    become: "Math.max",
  },
];
