import { eachAlone, failingChecks, oneByOne, saidNo } from "../../support/broken-metrics.ts";
import { breakRunbook } from "../../support/runbook.ts";

const [FROM, WITHIN] = [7, 121];

const anomaly = (check: string, name: string) => ({
  breaks: `trigger ${name}`,
  what: `${check} fails in phase 2`,
  broken: {
    checks: {
      [check]: [
        { stage: "phase-2", after: "7m", result: "fail" },
        { stage: "phase-2", after: "12m", result: "pass" },
      ],
    },
  },
  exit: 30,
});

breakRunbook("scholarship-api", [
  // metric | broken | well | minutes | what fires
  ...eachAlone("phase-1", FROM, 30, [
    "p95|260ms|110ms|11|trigger P95 latency",
    "errors_5xx|1.5%|0.2%|11|trigger 5xx errors",
    "redis_errors|1/s|0/s|6|trigger Redis errors",
    "limited_users|3%|0.5%|11|trigger rate limit hits users",
    "fallback|12%|1%|11|trigger OpenAI fallback",
    "db_pool|90%|40%|6|trigger database pool",
    `p95|230ms|110ms|${WITHIN}|gate p95 <= 220ms`,
    `errors_5xx|0.8%|0.2%|${WITHIN}|gate errors_5xx <= 0.5%`,
    `limited|1.5%|0.5%|${WITHIN}|gate limited <= 1%`,
    `db_pool|80%|40%|${WITHIN}|gate db_pool <= 75%`,
    `fallback|7%|1%|${WITHIN}|gate fallback <= 5%`,
    `availability|99%|99.95%|${WITHIN}|gate availability >= 99.9%`,
  ]),
  // An error now and then is no reason to go back, and starts the window again.
  ...eachAlone("phase-1", FROM, 0, ["redis_errors|0.5/s|0/s|2|gate redis_errors == 0/s"], {
    says: ["the soak of phase-1 starts again"],
  }),
  ...oneByOne("phase-1", [
    "p95|240ms|110ms|2|trigger latency over its target",
    "errors_5xx|0.8%|0.2%|2|trigger errors over their target",
    "limited|1.5%|0.5%|2|trigger 429 over its target",
    "availability|99%|99.95%|2|trigger availability under its target",
  ]),
  anomaly("malicious-origin", "a malicious origin is let in"),
  anomaly("security-headers", "security headers are gone"),
  ...failingChecks(null, 20, [
    "baseline-kept",
    "healthy",
    "malicious-origin",
    "own-origin",
    "security-headers",
    "limit-search",
  ]),
  ...saidNo(null, "0s", 20, ["oncall", "dashboards"]),
  ...failingChecks("phase-1", 30, ["limit-scholarships"]),
  {
    breaks: "gate limit-search passes",
    what: "the limit of the search fails at the end of phase 1",
    broken: { checks: { "limit-search": [{ stage: "phase-1", after: "1m", result: "fail" }] } },
    exit: 30,
  },
  ...failingChecks("blockers-gone", 30, [
    "limit-everywhere",
    "redis-answers",
    "replay-refused",
    "cross-pod",
  ]),
  ...saidNo("phase-1", "1m", 30, ["no-incidents-at-first"]),
  ...saidNo("phase-2", "1m", 30, [
    "redis-ready",
    "limits-ready",
    "replay-ready",
    "no-incidents-at-half",
  ]),
  {
    breaks: "way back healthy",
    what: "the old version is not healthy after the rollback",
    broken: {
      checks: {
        "malicious-origin": [{ stage: "phase-2", after: "7m", result: "fail" }],
        healthy: [{ stage: "phase-2", after: "7m", result: "fail" }],
      },
    },
    exit: 40,
  },
]);
