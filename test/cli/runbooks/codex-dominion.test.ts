import { expect, test } from "vitest";

import {
  badMetric,
  eachAlone,
  failingChecks,
  moments,
  oneByOne,
  saidNo,
} from "../../support/broken-metrics.ts";
import { rehearsePlan } from "../../support/rehearse-plan.ts";
import { breakRunbook } from "../../support/runbook.ts";

const NAME = "codex-dominion";
const BACK = ["clear the cache of the canary", "verified: the old version"];

const critical = (check: string, name: string) => ({
  breaks: `trigger ${name}`,
  what: `the critical check ${check} fails`,
  broken: { checks: { [check]: [{ stage: "phase-5", after: "2m", result: "fail" }] } },
  exit: 30,
});

/** What stays bad for an hour of a stage, and is well again when the rollback is verified. */
const stayingRed = (stage: string, line: string) =>
  eachAlone(stage, 0, 30, [line.replace("|gate", "|60|gate")]);

const staysAfterwards = (line: string) => {
  const [metric = "", value = ""] = line.split("|");
  return {
    breaks: `way back ${metric}`,
    what: `${metric} stays at ${value} after the rollback`,
    broken: {
      metrics: {
        memory: [{ stage: "phase-5", after: "2m", value: "95%" }],
        [metric]: [{ stage: "phase-5", after: "3m", value, samples: 5000 }],
      },
    },
    exit: 40,
  };
};

const uncritical = {
  checks: {
    "external-api": [{ stage: "phase-5", after: "2m", result: "fail" }],
    cache: [{ stage: "phase-5", after: "2m", result: "fail" }],
  },
};

breakRunbook(NAME, [
  // Each rollback trigger, broken for as long as it tolerates and a little longer.
  ...eachAlone(
    "phase-5",
    2,
    30,
    [
      "error_rate|5%|0.2%|6|trigger error rate",
      "p95|310ms|120ms|11|trigger p95 latency",
      "checkout|81%|85.5%|16|trigger conversion drop",
      "signup|61%|65%|16|trigger conversion drop",
      "payment_process|94%|99.5%|16|trigger conversion drop",
      "errors_5xx|2%|0.1%|6|trigger 5xx errors",
      "db_pool|95%|40%|4|trigger database connection pool",
      "memory|90%|40%|6|trigger memory",
    ],
    { says: BACK },
  ),
  critical("live", "not alive"),
  critical("ready", "not ready"),
  critical("database", "no database"),
  critical("payment-gateway", "no payment gateway"),
  // Business rules pause it; it goes on when somebody resumes.
  ...eachAlone(
    "phase-5",
    2,
    0,
    [
      "payment_failures|1.5%|0.1%|11|trigger payment failures",
      "complaints|11|2|1|trigger customer complaints",
    ],
    { words: [{ stage: "phase-5", after: "40m", resume: true }], says: ["resumed by"] },
  ),
  // Warning levels are told, and change nothing.
  ...oneByOne("phase-20", [
    "p50|100ms|50ms|1|trigger p50 rises",
    "p95|250ms|120ms|1|trigger p95 rises",
    "p99|400ms|200ms|1|trigger p99 rises",
    "error_rate|1%|0.2%|1|trigger errors of 5 minutes rise",
    "error_rate|1.1%|0.2%|1|trigger errors of 15 minutes rise",
    "error_rate|1.2%|0.2%|1|trigger errors of an hour rise",
    "error_rate|1.3%|0.2%|1|trigger errors of a day rise",
    "errors_4xx|2%|0.1%|1|trigger 4xx rises",
    "errors_5xx|0.5%|0.1%|1|trigger 5xx rises",
    "checkout|83%|85.5%|1|trigger conversion dips",
    "signup|63%|65%|1|trigger conversion dips",
    "payment_process|97.5%|99.5%|1|trigger conversion dips",
    "order_value|0.96|1|1|trigger margin dips",
    "payment_success|96%|99.5%|1|trigger margin dips",
    "refund_rate|2%|0.1%|1|trigger margin dips",
    "transaction_cost|1.04|1|1|trigger margin dips",
    "cpu|70%|40%|1|trigger CPU rises",
    "memory|75%|40%|1|trigger memory rises",
    "disk_io|80%|40%|1|trigger disk rises",
    "db_pool|80%|40%|1|trigger database connections rise",
    "queue|1000|10|1|trigger queue grows",
  ]),
  // Critical levels that are no reason to go back by themselves call somebody.
  ...oneByOne("phase-20", [
    "p50|200ms|50ms|1|trigger p50 is critical",
    "p95|300ms|120ms|1|trigger p95 is critical",
    "p99|500ms|200ms|1|trigger p99 is critical",
    "error_rate|5%|0.2%|1|trigger errors of 15 minutes are critical",
    "error_rate|6%|0.2%|1|trigger errors of an hour are critical",
    "error_rate|7%|0.2%|1|trigger errors of a day are critical",
    "errors_4xx|5%|0.1%|1|trigger 4xx is critical",
    "checkout|79.9%|85.5%|1|trigger checkout is too low",
    "signup|59.9%|65%|1|trigger signup is too low",
    "payment_process|97.9%|99.5%|1|trigger payments are too low",
    "order_value|0.94|1|1|trigger margin is critical",
    "payment_success|94%|99.5%|1|trigger margin is critical",
    "refund_rate|3%|0.1%|1|trigger margin is critical",
    "transaction_cost|1.06|1|1|trigger margin is critical",
    "cpu|85%|40%|1|trigger CPU is critical",
    "disk_io|95%|40%|1|trigger disk is critical",
    "queue|5000|10|1|trigger queue is critical",
  ]),
  // A rollback trigger for a little less than it tolerates: told, and nothing rolls back.
  ...oneByOne("phase-20", [
    "error_rate|5%|0.2%|4|trigger errors of 5 minutes rise",
    "errors_5xx|2%|0.1%|4|trigger 5xx rises",
    "db_pool|95%|40%|2|trigger database connections rise",
    "memory|90%|40%|4|trigger memory rises",
    "p95|310ms|120ms|9|trigger p95 rises",
    "checkout|81%|85.5%|14|trigger conversion dips",
  ]),
  ...["no external API", "no cache"].map((name) => ({
    breaks: `trigger ${name}`,
    what: "checks that are not critical fail",
    broken: uncritical,
    exit: 0,
  })),
  // What the stages ask for at their ends.
  ...eachAlone("phase-1", 0, 30, ["p95|260ms|120ms|11|gate p95 < 250ms"]),
  ...eachAlone("phase-5", 0, 30, ["error_rate|1%|0.2%|41|gate error_rate < 1%"]),
  // Slower than stable at the same moment, and still below every fixed limit.
  ...eachAlone("phase-5", 0, 30, ["p95|240ms|120ms|41|gate p95 <= 1.1x stable"]),
  ...stayingRed("full", "service_p95|200ms|110ms|gate service_p95 <= 1.1x baseline"),
  ...stayingRed("full", "service_errors|0.6%|0.2%|gate service_errors <= 0.5%"),
  ...stayingRed("full", "throughput|0.9/s|1/s|gate throughput >= baseline - 5%"),
  ...failingChecks("phase-1", 30, ["startup", "ready", "routed"]),
  ...failingChecks("full", 30, [
    "homepage",
    "api-health",
    "authentication",
    "payment-status",
    "user-signup",
    "user-login",
    "checkout-process",
    "avatar-management",
    "api-tokens",
  ]),
  ...failingChecks(null, 20, [
    "rollback-tested",
    "stable-known",
    "canary-environment",
    "dashboards",
    "alert-rules",
    "database-backup",
    "configuration-backup",
    "registry-snapshot",
  ]),
  ...saidNo(null, "0s", 20, ["oncall-notified", "stakeholders-notified"]),
  ...saidNo("monitoring", "1h", 30, ["promotion"], { set: ["promote=manual"] }),
  ...["service_errors|1%", "service_p95|250ms", "incidents|1"].map(staysAfterwards),
]);

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

test("a hold of the business is told to the team that it concerns", async () => {
  const one = badMetric("payment_failures|1.5%|0.1%|11|");
  const { told } = await rehearsePlan(NAME, [], {
    metrics: { payment_failures: moments("phase-5", 2, one) },
    words: [{ stage: "phase-5", after: "40m", resume: true }],
  });
  const held = told.filter(({ notice }) => notice.event === "held").map(({ to }) => to);
  expect(held).toContain("payments");
  expect(held).not.toContain("customer-success");
});

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
