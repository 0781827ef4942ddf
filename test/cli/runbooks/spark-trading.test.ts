import { eachAlone, failingChecks, oneByOne, saidNo } from "../../support/broken-metrics.ts";
import { breakRunbook } from "../../support/runbook.ts";

const [FROM, ONE, WITHIN, LONG] = [7, 1, 31, 61];

breakRunbook("spark-trading", [
  // metric | broken | well | minutes | what fires
  ...eachAlone("confidence", FROM, 30, [
    `p95|450ms|25ms|${ONE}|trigger P95 latency spike`,
    `error_rate|4%|0.5%|${ONE}|trigger high error rate`,
    "bist_staleness|130s|10s|4|trigger BIST staleness",
    `csp|60/s|0/s|${ONE}|trigger CSP violation storm`,
    `idempotency_conflicts|6%|0.5%|${ONE}|trigger idempotency conflict storm`,
    "pgbouncer|95%|40%|4|trigger pgBouncer saturation",
    "p95|300ms|25ms|6|trigger elevated P95 latency",
    "error_rate|2%|0.5%|6|trigger elevated error rate",
    "db_p95|120ms|20ms|6|trigger database slow queries",
    `error_rate|4%|0.5%|${ONE}|trigger a rollback trigger fired`,
  ]),
  // Below their grace: yellow, and no way back.
  ...oneByOne("full", [
    "p95|260ms|25ms|2|trigger P95 latency is elevated",
    "error_rate|2%|0.5%|2|trigger error rate is elevated",
    "db_p95|110ms|20ms|2|trigger database queries are slow",
  ]),
  // At the very figure that a panel should stay below.
  ...oneByOne("pilot", [
    "bist_staleness|30s|10s|2|trigger BIST data gets old",
    "db_pool|80%|35%|2|trigger database connections",
    "pgbouncer|80%|40%|2|trigger pgBouncer pool fills up",
    "outbox_lag|5s|1s|2|trigger outbox lags",
    "wal_failures|1|0|2|trigger WAL archiving failed",
  ]),
  ...oneByOne("half", ["idempotency_conflicts|1%|0.5%|2|trigger idempotency conflicts"]),
  ...eachAlone("pilot", FROM, 30, [
    `p95|220ms|25ms|${WITHIN}|gate p95 < 200ms`,
    `error_rate|1.2%|0.5%|${WITHIN}|gate error_rate < 1%`,
    `ws_staleness|40s|10s|${WITHIN}|gate ws_staleness < 30s`,
    `risk_blocks|1%|0.1%|${WITHIN}|gate risk_blocks < 0.5%`,
    `idempotency_conflicts|2%|0.5%|${WITHIN}|gate idempotency_conflicts < 1%`,
    `csp|1/s|0/s|${WITHIN}|gate any of \`csp <= 2x baseline\`, \`csp < 0.1/s\``,
  ]),
  ...eachAlone("confidence", FROM, 30, [
    `db_pool|75%|40%|${WITHIN}|gate db_pool < 70%`,
    `outbox_lag|6s|1s|${WITHIN}|gate outbox_lag < 5s`,
    `money_errors|1|0|${WITHIN}|gate money_errors over stage == 0`,
    `position_duplicates|1|0|${WITHIN}|gate position_duplicates over stage == 0`,
  ]),
  ...eachAlone("quarter", FROM, 30, [
    `db_p95|60ms|20ms|${WITHIN}|gate db_p95 < 50ms`,
    `pgbouncer|85%|40%|${WITHIN}|gate pgbouncer < 80%`,
    `bist_staleness|70s|10s|${WITHIN}|gate bist_staleness < 60s`,
  ]),
  ...eachAlone("half", FROM, 30, [
    `memory|85%|40%|${WITHIN}|gate memory < 80%`,
    `cpu|75%|40%|${WITHIN}|gate cpu < 70%`,
    `wal_failures|1|0|${WITHIN}|gate wal_failures over stage == 0`,
    `idempotency_latency|20ms|5ms|${WITHIN}|gate idempotency_latency < 10ms`,
  ]),
  ...eachAlone("full", FROM, 30, [
    `p95|150ms|25ms|${LONG}|gate p95 <= 1.1x baseline`,
    `log_errors|3|0|${LONG}|gate log_errors over stage == 0`,
    `ws_staleness|40s|10s|${LONG}|gate ws_staleness < 30s`,
  ]),
  {
    breaks: "gate contract-spot passes",
    what: "the contract test fails at 25 %",
    broken: { checks: { "contract-spot": [{ stage: "quarter", after: "0s", result: "fail" }] } },
    exit: 30,
  },
  ...saidNo("full", "1m", 30, ["user-feedback"]),
  ...failingChecks("pilot", 30, ["canary-is-up"]),
  {
    breaks: "gate contract-spot passes",
    what: "the contract test fails at 100 %",
    broken: { checks: { "contract-spot": [{ stage: "full", after: "0s", result: "fail" }] } },
    exit: 30,
  },
  ...failingChecks(null, 20, ["version-known"]),
  ...saidNo(null, "0s", 20, ["team-trained"]),
  {
    breaks: "way back stable-serves",
    what: "the old version does not answer after the rollback",
    broken: {
      metrics: {
        error_rate: [
          { stage: "confidence", after: "7m", value: "4%", samples: 5000 },
          { stage: "confidence", after: "8m", value: "0.5%", samples: 5000 },
        ],
      },
      checks: { "stable-serves": [{ stage: "confidence", after: "7m", result: "fail" }] },
    },
    exit: 40,
  },
]);
