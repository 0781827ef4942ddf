import { resolve } from "node:path";

import { expect, test } from "vitest";

import { folderForTest, runCanary } from "../e2e/support/run-canary.ts";
import { rehearsePlan, type Rehearsed } from "../support/rehearse-plan.ts";

const NAME = "codex-dominion";

/** `metric|broken|well|minutes it stays broken|what the rehearsal says`. */
interface Broken {
  readonly metric: string;
  readonly bad: string;
  readonly well: string;
  readonly minutes: number;
  readonly says: string;
}

function broken(line: string): Broken {
  const [metric = "", bad = "", well = "", minutes = "", says = ""] = line.split("|");
  return { metric, bad, well, minutes: Number(minutes), says };
}

const moments = (
  stage: string,
  from: number,
  { bad, well, minutes }: Broken,
): readonly object[] => [
  { stage, after: `${from}m`, value: bad, samples: 5000 },
  { stage, after: `${from + minutes}m`, value: well, samples: 5000 },
];

test.for([[], ["tier=high", "watch=4h"], ["promote=manual", "notice=scheduled-maintenance"]])(
  "nothing is broken, with %j: promoted",
  async (set) => {
    const { exit, text } = await rehearsePlan(NAME, set, {});
    expect(exit, text).toBe(0);
    // Stable gets the new version before the traffic comes back to it.
    const order = [
      "set-image deployment/codex-api",
      "istio codex",
      "scale deployment/codex-api-canary",
    ];
    const places = order.map((each) => text.lastIndexOf(`\n${each}\n`));
    expect(places.every((place, index) => place > (places[index - 1] ?? 0))).toBe(true);
    expect(text.includes("traffic 2 %")).toBe(set.includes("tier=high"));
  },
);

// Each rollback trigger of the runbook, broken for as long as it tolerates and a little longer.
test.for(
  [
    "error_rate|5%|0.2%|6|TRIGGER error rate: error_rate = 5%",
    "p95|310ms|120ms|11|TRIGGER p95 latency: p95 = 310ms",
    "checkout|81%|85.5%|16|TRIGGER conversion drop: checkout = 81%",
    "signup|61%|65%|16|TRIGGER conversion drop: signup = 61%",
    "payment_process|94%|99.5%|16|TRIGGER conversion drop: payment_process = 94%",
    "errors_5xx|2%|0.1%|6|TRIGGER 5xx errors: errors_5xx = 2%",
    "db_pool|95%|40%|4|TRIGGER database connection pool: db_pool = 95%",
    "memory|90%|40%|6|TRIGGER memory: memory = 90%",
  ].map(broken),
)("$metric is $bad for $minutes minutes: rolled back", async (one) => {
  const { exit, text } = await rehearsePlan(NAME, [], {
    metrics: { [one.metric]: moments("phase-5", 2, one) },
  });
  expect(exit, text).toBe(30);
  for (const says of [one.says, "clear the cache of the canary", "verified: the old version"])
    expect(text).toContain(says);
});

// The same for a little less than that, one after another: each is told, and nothing rolls back.
const shorter = [
  "error_rate|5%|0.2%|4|warning errors of 5 minutes rise: error_rate = 5%",
  "errors_5xx|2%|0.1%|4|warning 5xx rises: errors_5xx = 2%",
  "db_pool|95%|40%|2|warning database connections rise: db_pool = 95%",
  "memory|90%|40%|4|warning memory rises: memory = 90%",
  "p95|310ms|120ms|9|warning p95 rises: p95 = 310ms",
  "checkout|81%|85.5%|14|warning conversion dips: checkout = 81%",
].map(broken);

test.for([
  ["live", "not alive"],
  ["ready", "not ready"],
  ["database", "no database"],
  ["payment-gateway", "no payment gateway"],
])("the critical check %s fails: rolled back", async ([check = "", trigger = ""]) => {
  const checks = { [check]: [{ stage: "phase-5", after: "2m", result: "fail" }] };
  const { exit, text } = await rehearsePlan(NAME, [], { checks });
  expect(exit, text).toBe(30);
  expect(text).toContain(`TRIGGER ${trigger}`);
});

test("checks that are not critical fail: promoted, with a warning each", async () => {
  const failing = [{ stage: "phase-5", after: "2m", result: "fail" }];
  const checks = { "external-api": failing, cache: failing };
  const { exit, text } = await rehearsePlan(NAME, [], { checks });
  expect(exit, text).toBe(0);
  for (const says of ["warning no external API", "warning no cache"]) expect(text).toContain(says);
});

test.for(
  ["payment_failures|1.5%|0.1%|11|payment failures", "complaints|11|2|1|customer complaints"].map(
    broken,
  ),
)("$metric is $bad: paused, not rolled back, until somebody resumes", async (one) => {
  const { exit, text } = await rehearsePlan(NAME, [], {
    metrics: { [one.metric]: moments("phase-5", 2, one) },
    words: [{ stage: "phase-5", after: "40m", resume: true }],
  });
  expect(exit, text).toBe(0);
  expect(text).toContain(`TRIGGER ${one.says}`);
  expect(text).not.toContain("ROLLING BACK");
});

/** Many things go wrong one after another in one rehearsal, a minute each: each is told, and none rolls back. */
const told = [
  "p50|100ms|50ms|1|warning p50 rises",
  "p95|250ms|120ms|1|warning p95 rises",
  "p99|400ms|200ms|1|warning p99 rises",
  "error_rate|1%|0.2%|1|warning errors of 5 minutes rise",
  "error_rate|1.1%|0.2%|1|warning errors of 15 minutes rise",
  "error_rate|1.2%|0.2%|1|warning errors of an hour rise",
  "error_rate|1.3%|0.2%|1|warning errors of a day rise",
  "errors_4xx|2%|0.1%|1|warning 4xx rises",
  "errors_5xx|0.5%|0.1%|1|warning 5xx rises",
  "checkout|83%|85.5%|1|warning conversion dips: checkout = 83%",
  "signup|63%|65%|1|warning conversion dips: signup = 63%",
  "payment_process|97.5%|99.5%|1|warning conversion dips: payment_process = 97.5%",
  "order_value|0.96|1|1|warning margin dips: order_value",
  "payment_success|96%|99.5%|1|warning margin dips: payment_success",
  "refund_rate|2%|0.1%|1|warning margin dips: refund_rate",
  "transaction_cost|1.04|1|1|warning margin dips: transaction_cost",
  "cpu|70%|40%|1|warning CPU rises",
  "memory|75%|40%|1|warning memory rises",
  "disk_io|80%|40%|1|warning disk rises",
  "db_pool|80%|40%|1|warning database connections rise",
  "queue|1000|10|1|warning queue grows",
].map(broken);

const paged = [
  "p50|200ms|50ms|1|PAGE p50 is critical",
  "p95|300ms|120ms|1|PAGE p95 is critical",
  "p99|500ms|200ms|1|PAGE p99 is critical",
  "error_rate|5%|0.2%|1|PAGE errors of 15 minutes are critical",
  "error_rate|6%|0.2%|1|PAGE errors of an hour are critical",
  "error_rate|7%|0.2%|1|PAGE errors of a day are critical",
  "errors_4xx|5%|0.1%|1|PAGE 4xx is critical",
  "checkout|79.9%|85.5%|1|PAGE checkout is too low",
  "signup|59.9%|65%|1|PAGE signup is too low",
  "payment_process|97.9%|99.5%|1|PAGE payments are too low",
  "order_value|0.94|1|1|PAGE margin is critical: order_value",
  "payment_success|94%|99.5%|1|PAGE margin is critical: payment_success",
  "refund_rate|3%|0.1%|1|PAGE margin is critical: refund_rate",
  "transaction_cost|1.06|1|1|PAGE margin is critical: transaction_cost",
  "cpu|85%|40%|1|PAGE CPU is critical",
  "disk_io|95%|40%|1|PAGE disk is critical",
  "queue|5000|10|1|PAGE queue is critical",
].map(broken);

const all = new Map<readonly Broken[], Promise<Rehearsed>>();

function oneByOne(list: readonly Broken[]): Promise<Rehearsed> {
  const known = all.get(list);
  if (known !== undefined) return known;
  const metrics: Record<string, object[]> = {};
  let from = 1;
  for (const one of list) {
    metrics[one.metric] ??= [{ after: "0s", value: one.well, samples: 5000 }];
    metrics[one.metric]?.push(...moments("phase-20", from, one));
    from += one.minutes + 1;
  }
  const rehearsed = rehearsePlan(NAME, [], { metrics });
  all.set(list, rehearsed);
  return rehearsed;
}

for (const [what, list] of [
  ["a warning", told],
  ["a page", paged],
  ["told", shorter],
] as const)
  test.for(list)(`$metric is $bad for $minutes minutes: ${what}, and promoted`, async (one) => {
    const { exit, text } = await oneByOne(list);
    expect(exit, text).toBe(0);
    expect(text).toContain(one.says);
  });

// What the stage asks for at its end.
test.for([
  ["phase-1", "p95|260ms|120ms|11|gate p95 < 250ms: RED"],
  ["phase-5", "error_rate|1%|0.2%|31|gate error_rate < 1%: RED"],
  ["full", "service_p95|200ms|110ms|45|gate service_p95 <= 1.1x baseline: RED"],
  ["full", "service_errors|0.6%|0.2%|45|gate service_errors <= 0.5%: RED"],
  ["full", "throughput|0.9/s|1/s|45|gate throughput >= baseline - 5%: RED"],
] as const)("in %s a gate stays red: rolled back", async ([stage, line]) => {
  const one = broken(line);
  const { exit, text } = await rehearsePlan(NAME, [], {
    metrics: { [one.metric]: [...moments(stage, 0, { ...one, minutes: 60 })] },
  });
  expect(exit, text).toBe(30);
  expect(text).toContain(one.says);
});

test.for([
  ["phase-1", "startup"],
  ["phase-1", "ready"],
  ["phase-1", "routed"],
  ["full", "homepage"],
  ["full", "api-health"],
  ["full", "authentication"],
  ["full", "payment-status"],
  ["full", "user-signup"],
  ["full", "user-login"],
  ["full", "checkout-process"],
  ["full", "avatar-management"],
  ["full", "api-tokens"],
])("in %s the check %s fails: rolled back", async ([stage = "", check = ""]) => {
  const checks = { [check]: [{ stage, after: "0s", result: "fail" }] };
  const { exit, text } = await rehearsePlan(NAME, [], { checks });
  expect(exit, text).toBe(30);
  expect(text).toContain(`check ${check} failed`);
});

test.for([
  "stable-known",
  "canary-environment",
  "dashboards",
  "alert-rules",
  "database-backup",
  "configuration-backup",
  "registry-snapshot",
])("before the start %s fails: 20, and nothing is touched", async (check) => {
  const checks = { [check]: [{ after: "0s", result: "fail" }] };
  const { exit, text } = await rehearsePlan(NAME, [], { checks });
  expect(exit, text).toBe(20);
  expect(text).not.toContain("set-image");
});

test.for(["rollback-tested", "oncall-notified", "stakeholders-notified"])(
  "before the start the answer to %s is no: nothing is touched",
  async (confirm) => {
    const words = [{ after: "0s", confirm, yes: false }];
    const { exit, text } = await rehearsePlan(NAME, [], { words });
    expect(exit, text).not.toBe(0);
    expect(text).not.toContain("set-image");
  },
);

test("manual promotion is refused at the end: rolled back", async () => {
  const words = [{ stage: "monitoring", after: "1h", confirm: "promotion", yes: false }];
  const { exit, text } = await rehearsePlan(NAME, ["promote=manual"], { words });
  expect(exit, text).toBe(30);
});

test.for(["service_errors|1%", "service_p95|250ms", "incidents|1"])(
  "after the rollback %s stays: 40, a person is needed",
  async (line) => {
    const [metric = "", value = ""] = line.split("|");
    const { exit, text } = await rehearsePlan(NAME, [], {
      metrics: {
        memory: [{ stage: "phase-5", after: "2m", value: "95%" }],
        [metric]: [{ stage: "phase-5", after: "3m", value, samples: 5000 }],
      },
    });
    expect(exit, text).toBe(40);
  },
);

test("a gradual rollback from 100 % steps down 20, 10, 5 and 1 %, and then to nothing", async () => {
  const { exit, text } = await rehearsePlan(NAME, ["rollback=gradual"], {
    metrics: {
      service_p95: [
        { stage: "full", after: "10m", value: "200ms" },
        { stage: "full", after: "61m", value: "120ms" },
      ],
    },
  });
  expect(exit, text).toBe(30);
  const steps = [...text.matchAll(/stepped down to (\d+) %/gu)].map(([, share]) => Number(share));
  expect(steps).toEqual([20, 10, 5, 1]);
});

test("an abort is instant, also where gradual was asked for", async () => {
  const { exit, text } = await rehearsePlan(NAME, ["rollback=gradual"], {
    words: [{ stage: "phase-20", after: "5m", abort: "High error rate detected" }],
  });
  expect(exit, text).toBe(31);
  expect(text).not.toContain("stepped down");
});

test("the scenario of the page's first abort condition ends rolled back on the command line", async () => {
  const plans = resolve(import.meta.dirname, "../../plans");
  const { code, stdout } = await runCanary(folderForTest(), [
    ...["rehearse", `${plans}/codex-dominion.yaml`],
    ...["--scenario", `${plans}/scenarios/codex-dominion-errors.yaml`],
  ]);
  expect(code, stdout).toBe(30);
  expect(stdout).toContain("TRIGGER error rate: error_rate = 6%");
});
