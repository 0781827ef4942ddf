import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { Condition, Limit, Operator, Over } from "../../../src/core/condition.ts";
import type { Unit } from "../../../src/core/plan.ts";
import { combineConditions } from "../../../src/plan/condition/combine-conditions.ts";
import type { ConditionContext } from "../../../src/plan/condition/condition-context.ts";
import { parseCondition } from "../../../src/plan/condition/parse-condition.ts";
import { printCondition } from "../../../src/plan/condition/print-condition.ts";

const units: Readonly<Record<string, Unit>> = {
  p95: "s",
  error_rate: "ratio",
  deliveries: "count",
  csp: "/s",
  redis_errors: "/min",
  risk_blocks: "ratio/min",
  memory: "bytes",
  dead_exceeded: "bool",
  "outbox-lag": "s",
  depth: "none",
};
const context: ConditionContext = {
  metrics: new Map(Object.entries(units).map(([name, unit]) => [name, { unit }])),
  checks: new Map([
    ["db", { driver: "http" }],
    ["contract-spot", { driver: "run" }],
    ["user-feedback", { driver: "confirm" }],
  ]),
};

function metric(
  name: string,
  operator: Operator,
  limit: Limit,
  more: { over?: Over; for?: number } = {},
): unknown {
  return { kind: "metric", metric: name, over: null, for: 0, operator, limit, ...more };
}

const number = (value: number): Limit => ({ kind: "number", value });

describe("parseCondition", () => {
  test.each<[string, unknown]>([
    ["p95 < 200ms", metric("p95", "<", number(0.2))],
    ["p95<200ms", metric("p95", "<", number(0.2))],
    ["error_rate < 1%", metric("error_rate", "<", number(0.01))],
    ["csp > 50/s", metric("csp", ">", number(50))],
    ["redis_errors > 0/min for 5m", metric("redis_errors", ">", number(0), { for: 300_000 })],
    ["risk_blocks < 0.5%/min", metric("risk_blocks", "<", number(0.005))],
    ["memory <= 512MiB", metric("memory", "<=", number(536_870_912))],
    ["depth > -5", metric("depth", ">", number(-5))],
    ["outbox-lag < 5s", metric("outbox-lag", "<", number(5))],
    ["dead_exceeded == false", metric("dead_exceeded", "==", { kind: "bool", value: false })],
    ["dead_exceeded != true", metric("dead_exceeded", "!=", { kind: "bool", value: true })],
    [
      "deliveries over stage == 0",
      metric("deliveries", "==", number(0), { over: { kind: "stage" } }),
    ],
    [
      "deliveries over rollout == 0",
      metric("deliveries", "==", number(0), { over: { kind: "rollout" } }),
    ],
    [
      "error_rate over 1h >= 5% for 10m",
      metric("error_rate", ">=", number(0.05), {
        over: { kind: "window", ms: 3_600_000 },
        for: 600_000,
      }),
    ],
    [
      "p95 <= 1.1x baseline",
      metric("p95", "<=", { kind: "relative", to: "baseline", factor: 1.1 }),
    ],
    ["p95 <= 1.1x stable", metric("p95", "<=", { kind: "relative", to: "stable", factor: 1.1 })],
    ["csp > 10x baseline", metric("csp", ">", { kind: "relative", to: "baseline", factor: 10 })],
    ["p95 <= baseline", metric("p95", "<=", { kind: "relative", to: "baseline", factor: 1 })],
    [
      "error_rate <= baseline - 5%",
      metric("error_rate", "<=", { kind: "relative", to: "baseline", factor: 0.95 }),
    ],
    [
      "error_rate <= baseline-5%",
      metric("error_rate", "<=", { kind: "relative", to: "baseline", factor: 0.95 }),
    ],
    [
      "csp >= baseline + 3%",
      metric("csp", ">=", { kind: "relative", to: "baseline", factor: 1.03 }),
    ],
    [
      "error_rate <= baseline + 5pp",
      metric("error_rate", "<=", { kind: "offset", to: "baseline", add: 0.05 }),
    ],
    [
      "error_rate >= stable - 0.7pp",
      metric("error_rate", ">=", { kind: "offset", to: "stable", add: -0.007 }),
    ],
    ["p95 <= baseline + 50ms", metric("p95", "<=", { kind: "offset", to: "baseline", add: 0.05 })],
    ["db passes", { kind: "check", check: "db", wants: "passes" }],
    ["contract-spot fails", { kind: "check", check: "contract-spot", wants: "fails" }],
    ["user-feedback confirmed", { kind: "confirmed", check: "user-feedback" }],
  ])("%s", (text, expected) => {
    expect(parseCondition(text, context)).toEqual({
      kind: "ok",
      condition: { text, ...(expected as object) },
    });
  });

  test.each<[string, string, string, string]>([
    // text, code, what is underlined, fix
    ["p95 < 200", "condition-limit", "200", "write 200s or 200ms"],
    ["p95 < 1%", "condition-limit", "1%", "write a limit like 200ms or 0.2s"],
    ["error_rate < 0.01", "condition-limit", "0.01", "write 1% (or 0.01%)"],
    [
      "error_rate < 5pp",
      "condition-limit",
      "5pp",
      "points stand after a reference, like `baseline + 5pp`",
    ],
    ["p95 < 200 ms", "condition-limit", "200 ms", "write 200ms"],
    ["error_rate < 1 %", "condition-limit", "1 %", "write 1%"],
    ["p95 <", "condition-limit", "", "write one like 200ms, 1% or 1.2x baseline"],
    ["p95 < for 5m", "condition-limit", "for", "write one like 200ms, 1% or 1.2x baseline"],
    [
      "p95 < fast",
      "condition-limit",
      "fast",
      "a limit is a number with its unit, or 1.2x baseline; arithmetic between metrics belongs in the query",
    ],
    ["p95 < basline", "condition-limit", "basline", "did you mean baseline?"],
    ["p95 < 1.2x", "condition-limit", "1.2x", "write 1.2x baseline"],
    ["p95 < 1.2 x baseline", "condition-limit", "1.2 x baseline", "write 1.2x baseline"],
    ["p95 < 1.2xbaseline", "condition-limit", "1.2xbaseline", "write 1.2x baseline"],
    ["p95 < 120% of baseline", "condition-limit", "120% of baseline", "write 1.2x baseline"],
    ["p95 < baseline * 1.2", "condition-limit", "baseline * 1.2", "write 1.2x baseline"],
    ["p95 < baseline + 5pp", "condition-limit", "5pp", "write baseline + 5%"],
    ["error_rate < baseline + 5", "condition-limit", "5", "write 5% (relative) or 5pp (points)"],
    [
      "error_rate > baseline - 150%",
      "condition-limit",
      "150%",
      "write points, like baseline - 5pp",
    ],
    ["p95 < baseline +", "condition-limit", "baseline +", "write baseline + 5%"],
    ["dead_exceeded < 1", "condition-limit", "<", "write == true or == false"],
    ["dead_exceeded == 1", "condition-limit", "1", "write true or false"],
    ["dead_exceeded == baseline", "condition-limit", "baseline", "write == true or == false"],
    ["p95 == true", "condition-limit", "true", "write a limit like 200ms or 0.2s"],
    ["p99 < 200ms", "condition-name", "p99", "did you mean p95?"],
    ["eror_rate < 1%", "condition-name", "eror_rate", "did you mean error_rate?"],
    ["dbs passes", "condition-name", "dbs", "did you mean db?"],
    ["db < 5", "condition-verb", "db", "write db passes or db fails"],
    ["user-feedback > 1", "condition-verb", "user-feedback", "write user-feedback confirmed"],
    ["p95 passes", "condition-verb", "p95", "compare it, like p95 < limit"],
    ["db confirmed", "condition-verb", "confirmed", "write db passes"],
    ["user-feedback passes", "condition-verb", "passes", "write user-feedback confirmed"],
    ["db passed", "condition-verb", "passed", "write db passes"],
    ["db failing", "condition-verb", "failing", "write db fails"],
    ["db Passes", "condition-verb", "Passes", "write db passes"],
    ["check db passes", "condition-syntax", "check", "write db passes"],
    ["not db passes", "condition-syntax", "not", "turn the comparison round, or write db fails"],
    ["p95 below 200ms", "condition-syntax", "below", "write p95 < limit"],
    ["p95 = 200ms", "condition-syntax", "=", "write =="],
    ["p95 => 200ms", "condition-syntax", "=>", "write >="],
    ["p95 ≤ 200ms", "condition-syntax", "≤", "write <="],
    ["p95[5m] < 200ms", "condition-syntax", "[5m", "write p95 over 5m"],
    [
      "error_rate over 5%",
      "condition-syntax",
      "over 5%",
      "write error_rate > 5%, or error_rate over 1h > 5%",
    ],
    [
      "p95 over yesterday < 1s",
      "condition-duration",
      "over yesterday",
      "write over 1h, over stage or over rollout",
    ],
    ["p95 over 5 minutes < 1s", "condition-duration", "5 minutes", "write 5m"],
    [
      "p95 over 0s < 1s",
      "condition-duration",
      "0s",
      "leave `over` out for the metric's own window",
    ],
    ["p95 < 1s for 5", "condition-duration", "5", "write 5s for seconds or 5m for minutes"],
    ["p95 < 1s for 5 minutes", "condition-duration", "5 minutes", "write 5m"],
    ["p95 < 1s for", "condition-duration", "for", "write for 5m"],
    ["p95 < 1s over 5m", "condition-syntax", "over 5m", "write it like error_rate over 1h < 1%"],
    [
      "p95 < 1s within 5m",
      "condition-syntax",
      "within 5m",
      "write `for 5m` at the end, or `over 5m` after the metric",
    ],
    ["p95 < 1s!", "condition-syntax", "!", "end the condition before it"],
    [
      "db fails for 5m",
      "condition-syntax",
      "for",
      "set the check's `interval` and `failureThreshold` instead",
    ],
    ["p95", "condition-syntax", "p95", "write p95 < limit"],
    ["dead_exceeded", "condition-syntax", "dead_exceeded", "write dead_exceeded == true"],
    ["db", "condition-syntax", "db", "write db passes"],
    ["user-feedback", "condition-syntax", "user-feedback", "write user-feedback confirmed"],
    ["previous", "condition-syntax", "previous", "put it alone in a stage's `gates`"],
    ["200ms > p95", "condition-syntax", "200ms", "write one like p95 < 200ms or db passes"],
    ["", "condition-syntax", "", "write one like p95 < 200ms"],
    [
      "p95 < 1s and error_rate < 1%",
      "condition-compound",
      "and",
      "write { all: [ p95 < 1s, error_rate < 1% ] }",
    ],
    ["p95 < 1s || db fails", "condition-compound", "||", "write { any: [ p95 < 1s, db fails ] }"],
    [
      "db fails or p95 > 1s and csp > 5/s",
      "condition-compound",
      "or p95 > 1s and",
      "nest them: { any: [ a, { all: [ b, c ] } ] }",
    ],
  ])("%s is refused (%s at %j)", (text, code, underlined, fix) => {
    const read = parseCondition(text, context);
    const [problem] = read.kind === "bad" ? read.problems : [];
    expect(problem).toMatchObject({ code, fix });
    const { offset = -1, length = -1 } = problem ?? {};
    expect(text.slice(offset, offset + length)).toBe(underlined);
  });

  test("all problems are found at once", () => {
    const read = parseCondition("p59 over 5 min = 200 for 5", context);
    expect(read.kind === "bad" && read.problems.map(({ code }) => code)).toEqual([
      "condition-name",
      "condition-duration",
      "condition-syntax",
      "condition-duration",
    ]);
  });

  test("without any metric an unknown one is said to be missing", () => {
    const read = parseCondition("p95 < 1s", { metrics: new Map(), checks: new Map() });
    expect(read).toMatchObject({ problems: [{ fix: "define it under `metrics`" }] });
  });

  test("a suggested rewriting parses", () => {
    for (const text of ["p95 < 1.2 x baseline", "p95 < 120% of baseline", "p95 < baseline * 1.2"]) {
      const read = parseCondition(text, context);
      const fix = (read.kind === "bad" ? read.problems[0]?.fix : null) ?? "";
      expect(parseCondition(`p95 < ${fix.replace("write ", "")}`, context).kind).toBe("ok");
    }
  });
});

const operators: readonly Operator[] = ["<", "<=", ">", ">=", "==", "!="];
const anyOver: fc.Arbitrary<Over | null> = fc.oneof(
  fc.constant(null),
  fc.constant({ kind: "stage" as const }),
  fc.constant({ kind: "rollout" as const }),
  fc.integer({ min: 1, max: 86_400_000 }).map((ms) => ({ kind: "window" as const, ms })),
);
const finite = fc
  .double({ min: -1e9, max: 1e9, noNaN: true })
  .map((value) => (value === 0 ? 0 : value));
const reference = fc.constantFrom("baseline" as const, "stable" as const);
const anyLimit: fc.Arbitrary<Limit> = fc.oneof(
  finite.map(number),
  fc.record({
    kind: fc.constant("relative" as const),
    to: reference,
    factor: finite.map(Math.abs),
  }),
  fc.record({ kind: fc.constant("offset" as const), to: reference, add: finite }),
);
const anyNumeric = fc.record({
  kind: fc.constant("metric" as const),
  text: fc.constant(""),
  metric: fc.constantFrom(...Object.keys(units).filter((name) => units[name] !== "bool")),
  over: anyOver,
  operator: fc.constantFrom(...operators),
  limit: anyLimit,
  for: fc.integer({ min: 0, max: 86_400_000 }),
});
const anyCondition: fc.Arbitrary<Condition> = fc.oneof(
  anyNumeric,
  fc.record({
    kind: fc.constant("metric" as const),
    text: fc.constant(""),
    metric: fc.constant("dead_exceeded"),
    over: anyOver,
    operator: fc.constantFrom("==" as const, "!=" as const),
    limit: fc.boolean().map((value): Limit => ({ kind: "bool", value })),
    for: fc.integer({ min: 0, max: 86_400_000 }),
  }),
  fc.record({
    kind: fc.constant("check" as const),
    text: fc.constant(""),
    check: fc.constantFrom("db", "contract-spot"),
    wants: fc.constantFrom("passes" as const, "fails" as const),
  }),
  fc.constant({ kind: "confirmed" as const, text: "", check: "user-feedback" }),
);

describe("printCondition", () => {
  test("what is printed is read back as the same condition", () => {
    fc.assert(
      fc.property(anyCondition, (condition) => {
        const text = printCondition(condition, context);
        expect(parseCondition(text, context)).toEqual({
          kind: "ok",
          condition: { ...condition, text },
        });
      }),
      { numRuns: 2000 },
    );
  });

  test("compound conditions are printed as YAML", () => {
    const parts = ["csp <= 2x baseline", "csp < 0.1/s"].map((text) =>
      parseCondition(text, context),
    );
    const conditions = parts.flatMap((part) => (part.kind === "ok" ? [part.condition] : []));
    const any = combineConditions("any", conditions, 300_000, "no spike");
    expect(printCondition(any, context)).toBe(
      "{ any: [ csp <= 2x baseline, csp < 0.1/s ], for: 5m }",
    );
  });
});

describe("any text", () => {
  const piece = fc.constantFrom(
    ...Object.keys(units),
    "db",
    "user-feedback",
    "passes",
    "fails",
    "confirmed",
    "over",
    "for",
    "stage",
    "baseline",
    "stable",
    "and",
    "or",
    "x",
    "%",
    "[",
    "]",
    "-",
    "+",
    "*",
    "5m",
    "1.2x",
    "200ms",
    "1%",
    "5pp",
    "0",
    ...operators,
  );
  const texts = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join(" ")),
  );

  test("never throws; a problem lies inside the text and says what to do", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const read = parseCondition(text, context);
        const problems = read.kind === "bad" ? read.problems : [];
        expect(problems.length > 0).toBe(read.kind === "bad");
        for (const { offset, length, message, fix } of problems) {
          expect(offset).toBeGreaterThanOrEqual(0);
          expect(offset + length).toBeLessThanOrEqual(text.length);
          expect(message).not.toBe("");
          expect(fix).not.toBeNull();
        }
      }),
      { numRuns: 5000 },
    );
  });
});
