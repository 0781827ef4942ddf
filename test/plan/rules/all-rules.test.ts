import { describe, expect, test } from "vitest";

import { ruleCodes } from "../../../src/plan/rules/rule-codes.ts";
import { lint } from "../support/lint.ts";
import { marks } from "../support/marks.ts";
import { shopPlan, type Sections } from "../support/shop-plan.ts";

type Case = readonly [what: string, sections: Sections];

const stagesWith = (pilot: string, full = ""): string => `
  - name: pilot
    traffic: 5%${pilot}
    gates: [ p95 < 200ms, error_rate < 1% ]
    checks: [ smoke ]
  - name: full
    traffic: 100%${full}
    gates: [ p95 < 200ms ]`;

const actionsOf = (actions: string): Sections => ({
  stages: `
  - name: pilot
    traffic: 5%
    actions:${actions}
    gates: [ p95 < 200ms, error_rate < 1% ]
    checks: [ smoke ]`,
});

const evidenceOf = (evidence: string): Sections => ({
  stages: stagesWith(`
    evidence:${evidence}`),
});

const cases: Readonly<Record<string, readonly Case[]>> = {
  "shares-rise": [
    [
      "a share that falls",
      {
        stages: `
  - { name: quarter, traffic: 25%, gates: [ p95 < 200ms, error_rate < 1% ], checks: [ smoke ] }
  - name: less
    traffic: 5% # !share-falls
    gates: [ p95 < 200ms ]
  - name: more
    traffic: 20% # !share-falls
    gates: [ p95 < 200ms ]`,
      },
    ],
    [
      "a share that stays, stated again; a stage without one keeps it",
      {
        stages: `
  - { name: pilot, traffic: 25%, gates: [ p95 < 200ms, error_rate < 1% ], checks: [ smoke ] }
  - name: again
    traffic: 25% # !share-repeats
    gates: [ p95 < 200ms ]
  - { name: monitor, gates: [ p95 < 200ms ] }`,
      },
    ],
  ],
  "soak-covers-window": [
    [
      "a soak shorter than the range of the query, and one that is as long",
      {
        everyStage: "",
        stages: `
  - name: short
    traffic: 5%
    soak: 4m
    gates:
      - p95 < 200ms # !soak-too-short
      - error_rate < 1% # !soak-too-short
    checks: [ smoke ]
  - name: just
    traffic: 10%
    soak: 5m
    gates:
      - p95 < 200ms # !one-measurement
  - { name: enough, traffic: 25%, soak: 5m10s, interval: 10s, gates: [ p95 < 200ms ] }`,
      },
    ],
    [
      "a window of the condition, `for`, and a soak from everyStage",
      {
        metrics: `
  p95: { unit: s, query: 'histogram_quantile(0.95, rate(latency_bucket[\${window}]))', window: 1m }
  error_rate: { bad: 'rate(errors[5m])', total: 'rate(requests[5m])', minSamples: 100 }`,
        stages: stagesWith(`
    soak: 15m`).replace(
          "gates: [ p95 < 200ms ]",
          `gates:
      - p95 over 1h < 200ms # !soak-too-short
      - p95 < 250ms for 20m # !soak-too-short
      - any: [ p95 over 30m < 200ms, error_rate < 1% ] # !soak-too-short
      - p95 over stage < 300ms
      - p95 over 10m < 200ms`,
        ),
      },
    ],
  ],
  "stage-bounds": [
    [
      "less time than its soak, and more tolerance than it has red time",
      {
        stages: stagesWith(
          `
    within: 10m # !within-too-short`,
          `
    tolerate: 15m # !tolerate-too-long`,
        ),
      },
    ],
    [
      "bounds of everyStage are told once, where they stand",
      {
        everyStage: `
  soak: 15m
  within: 10m # !within-too-short`,
      },
    ],
    [
      "just enough",
      {
        everyStage: `
  soak: 15m
  within: 15m
  tolerate: 14m`,
      },
    ],
  ],
  "stage-proves": [
    [
      "stages that shift, soak or come last",
      {
        everyStage: "",
        stages: `
  - name: prepare
    actions: [ scale: { workload: deployment/shop, replicas: 1 } ]
  - name: shift # !stage-unproven
    traffic: 5%
  - name: soaks # !stage-unproven
    soak: 5m
  - { name: asked, traffic: 25%, checks: [ smoke ] }
  - { name: gated, traffic: 50%, soak: 15m, gates: [ p95 < 200ms, error_rate < 1% ] }
  - name: last # !stage-unproven
    actions: [ scale: { workload: deployment/shop, replicas: 2 } ]`,
      },
    ],
  ],
  "trigger-before-gate": [
    [
      "triggers stricter than their gate",
      {
        triggers: `
  rollback:
    - p95 > 100ms # !trigger-before-gate
    - p95 > 200ms
    - p95 >= 200ms
    - name: errors # !trigger-before-gate
      when: { any: [ smoke fails, error_rate > 0.5% for 5m ] }
  hold:
    - p95 > 150ms # !hold-before-gate
  page: [ p95 > 10ms ]
  warn: [ p95 > 50ms ]`,
      },
    ],
    [
      "what touches, what counts down, and what is another question",
      {
        metrics: `
  p95: { unit: s, query: 'histogram_quantile(0.95, rate(latency_bucket[\${window}]))', window: 5m }
  error_rate: { bad: 'rate(errors[5m])', total: 'rate(requests[5m])', minSamples: 100 }
  sold: { unit: none, query: 'sum(rate(sold[5m]))' }`,
        stages: `
  - name: pilot
    traffic: 5%
    checks: [ smoke ]
    gates: [ p95 <= 200ms, sold >= 10, p95 <= 1.2x baseline, error_rate == 0 ]`,
        triggers: `
  rollback:
    - p95 >= 200ms # !trigger-before-gate
    - p95 over 10m > 100ms
    - p95 over 5m > 100ms # !trigger-before-gate
    - p95 > 1.1x baseline # !trigger-before-gate
    - p95 > 1.2x baseline
    - sold < 20 # !trigger-before-gate
    - sold < 5
    - sold > 5
    - error_rate > 0
    - all: [ p95 > 100ms, sold < 5 ]`,
      },
    ],
    [
      "a gate that another one can stand in for says nothing alone",
      {
        stages: stagesWith("").replace(
          "gates: [ p95 < 200ms, error_rate < 1% ]",
          "gates: [ any: [ p95 < 900ms, error_rate < 1% ] ]",
        ),
      },
    ],
  ],
  "trigger-reach": [
    [
      "a `for` longer than the first stages, or than all",
      {
        triggers: `
  rollback:
    - p95 > 400ms for 15m
    - p95 > 500ms for 20m # !trigger-late
    - p95 > 600ms for 31m # !trigger-late
    - { any: [ p95 > 700ms for 40m, error_rate > 3% ] }
  page: [ p95 > 300ms for 2h ]`,
      },
    ],
  ],
  "limit-reachable": [
    [
      "limits that always or never hold",
      {
        metrics: `
  p95: { unit: s, query: 'histogram_quantile(0.95, rate(latency_bucket[5m]))' }
  error_rate: { bad: 'rate(errors[5m])', total: 'rate(requests[5m])', minSamples: 100 }
  cpu: { unit: ratio, query: 'max(cpu)' }
  queue: { unit: count, query: 'max(queue)' }`,
        stages: `
  - name: pilot
    traffic: 5%
    checks: [ smoke ]
    gates:
      - error_rate <= 100% # !limit-idle
      - queue >= 0 # !limit-idle
      - queue < 0 # !limit-idle
      - queue > -1 # !limit-idle
      - queue <= 0
      - error_rate < 100%
      - cpu < 140%`,
        triggers: `
  rollback:
    - error_rate > 100% # !limit-idle
    - p95 >= 100s
    - cpu > 150%
    - p95 > 2s`,
      },
    ],
  ],
  "relative-floor": [
    [
      "multiples of what is often 0",
      {
        metrics: `
  p95: { unit: s, query: 'histogram_quantile(0.95, rate(latency_bucket[5m]))' }
  error_rate: { bad: 'rate(errors[5m])', total: 'rate(requests[5m])', minSamples: 100 }
  ok_rate: { good: 'rate(ok[5m])', total: 'rate(requests[5m])', minSamples: 100 }
  csp: { unit: /s, query: 'sum(rate(csp[5m]))' }
  known: { unit: /s, query: 'sum(rate(csp[5m]))', baseline: 2/s }`,
        stages: `
  - name: pilot
    traffic: 5%
    checks: [ smoke ]
    gates:
      - csp <= 2x baseline # !relative-without-floor
      - error_rate <= 1.5x baseline # !relative-without-floor
      - any: [ csp <= 2x baseline, csp < 0.1/s ]
      - p95 <= 1.1x baseline
      - ok_rate <= 1.1x baseline
      - csp >= baseline - 5%
      - known <= 2x baseline
      - csp <= baseline + 1/s`,
        triggers: `
  rollback:
    - csp > 10x baseline # !relative-without-floor
    - all: [ csp > 20x baseline, csp > 1/s ]
  warn: [ csp > 5x baseline ]`,
      },
    ],
  ],
  "confidence-proves": [
    [
      "a confidence about what is not counted, not compared, or counted over and over",
      {
        connections: `
  cluster: { type: kubectl, context: prod }
  prometheus: { type: prometheus, url: "http://localhost:9090", arms: { canary: 'v="2"', stable: 'v="1"' } }`,
        metrics: `
  p95:
    unit: s
    query: 'histogram_quantile(0.95, rate(latency_bucket{\${arm}}[5m]))'
    confidence: 95%
  isOn: { unit: bool, query: 'max(flag{\${arm}})', confidence: 95% } # !confidence-idle
  error_rate: { bad: 'rate(errors[5m])', total: 'rate(requests[5m])', minSamples: 100 }
  proven:
    bad: 'rate(errors{\${arm}}[5m])'
    total: 'rate(requests{\${arm}}[5m])'
    minSamples: 100
    confidence: 99%
    designEffect: 2.5
  slow: { unit: s, query: 'max(latency{\${arm}})' }
  unused:
    bad: 'rate(errors{\${arm}}[5m])'
    total: 'rate(requests{\${arm}}[5m])'
    minSamples: 100
    confidence: 95% # !confidence-idle
  open:
    bad: 'rate(errors{\${arm}}[\${window}])'
    total: 'rate(requests{\${arm}}[\${window}])'
    minSamples: 100
    confidence: 95%`,
        stages: `
  - name: pilot
    traffic: 5%
    checks: [ smoke ]
    gates:
      - any: [ proven <= 2x stable, proven < 0.1% ]
      - any: [ open over 5m <= 2x stable, open over 5m < 0.1% ]
      - any: [ open over stage <= 2x stable, open over stage < 0.1% ] # !confidence-idle
      - proven <= 2x stable # !relative-without-floor
      - p95 <= 1.2x stable
      - slow <= 1.2x stable
      - unused < 1%
      - isOn == true`,
        triggers: `
  rollback:
    - all: [ proven > 1.1x stable, proven > 0.1% ]
    - proven > 1.2x stable # !relative-without-floor
    - slow > 1.1x stable # !trigger-before-gate`,
        rollback: `
  verify:
    within: 10m
    gates:
      - any: [ proven <= 2x stable, proven < 1% ] # !confidence-idle
      - error_rate < 1%`,
      },
    ],
  ],
  "split-watched": [
    [
      "a split that nothing counts, or counts for one arm alone",
      {
        connections: `
  cluster: { type: kubectl, context: prod }
  prometheus: { type: prometheus, url: "http://localhost:9090", arms: { canary: 'v="2"', stable: 'v="1"' } }`,
        metrics: `
  error_rate: { bad: 'rate(errors{\${arm}}[5m])', total: 'rate(requests{\${arm}}[5m])', minSamples: 9, splitTolerance: 20% }
  slow: { unit: s, query: 'max(latency{\${arm}})', splitTolerance: 20% } # !split-idle
  alone: { bad: 'rate(lost{\${arm}}[5m])', total: 'rate(sent{\${arm}}[5m])', minSamples: 9, splitTolerance: 20% } # !split-idle`,
        triggers: `
  rollback: [ error_rate > 1%, slow > 1s, alone > 1% ]
  warn: [ { all: [ error_rate > 2x stable, error_rate > 0.1% ] } ]`,
        stages: `
  - name: pilot
    traffic: 5%
    checks: [ smoke ]
    gates: [ error_rate < 1%, slow < 1s, alone < 1% ]`,
      },
    ],
  ],
  "metric-window": [
    [
      "windows that nothing fills, and `over` that reaches nothing",
      {
        connections: `
  cluster: { type: kubectl, context: prod }
  prometheus: { type: prometheus, url: "http://localhost:9090" }
  armed: { type: prometheus, url: "http://localhost:9090", arms: { canary: 'v="2"', stable: 'v="1"' } }
  desk: { type: http-json, url: "http://localhost:8080/desk" }
  page: { type: openmetrics, url: "http://localhost:8080/metrics" }`,
        metrics: `
  sent: { connection: page, unit: /s, rate: sent_total }
  queue: { connection: page, unit: count, gauge: queue_length }
  p95: { connection: prometheus, unit: s, query: 'histogram_quantile(0.95, rate(latency_bucket[5m]))' }
  lost: { connection: prometheus, unit: count, query: 'sum(increase(lost[\${window}]))' }
  sold: { connection: prometheus, unit: count, query: 'sum(increase(sold[\${window}]))', window: 5m }
  known: { connection: armed, unit: s, query: 'max(latency{\${arm}})' }
  alone: { connection: prometheus, unit: s, query: 'max(latency{\${arm}})' }
  calls: { connection: desk, unit: count, value: calls, window: 10m }`,
        stages: `
  - name: pilot
    traffic: 5%
    checks: [ smoke ]
    gates:
      - lost == 0 # !window-unfilled
      - sent > 1/s # !window-unfilled
      - sent over 5m > 1/s
      - queue < 5
      - lost over stage == 0
      - lost over 10m == 0
      - sold > 5
      - p95 over 10m < 200ms # !over-ignored
      - calls over stage < 5 # !over-ignored
      - calls < 5
      - p95 <= 1.1x stable # !stable-without-arm
      - known <= 1.1x stable
      - alone <= 1.1x stable # !stable-without-arm`,
        triggers: `
  rollback: [ p95 > 400ms ]`,
        rollback: `
  verify: { within: 10m, gates: [ p95 < 200ms ] }`,
      },
    ],
  ],
  "metric-samples": [
    [
      "a ratio that a gate is on, without a minimum",
      {
        metrics: `
  p95: { unit: s, query: 'histogram_quantile(0.95, rate(latency_bucket[5m]))' }
  error_rate: # !min-samples-missing
    bad: 'rate(errors[5m])'
    total: 'rate(requests[5m])'
  watched: { bad: 'rate(slow[5m])', total: 'rate(requests[5m])' }
  cpu:
    unit: ratio
    query: 'max(cpu)'
    minSamples: 10 # !min-samples-uncounted
  queue: { unit: none, query: 'max(queue)', samples: 'count(queue)', minSamples: 10 }`,
        triggers: `
  rollback: [ p95 > 400ms, watched > 5%, cpu > 90%, queue > 5 ]`,
      },
    ],
  ],
  "distinct-names": [
    [
      "a check with the name of a metric",
      {
        checks: `
  smoke: { http: "http://localhost:8080/health" }
  p95: # !name-clash
    run: [ "./p95.sh" ]`,
        preflight: "[ p95 ]",
      },
    ],
  ],
  unused: [
    [
      "metrics and checks that nothing looks at",
      {
        metrics: `
  p95: { unit: s, query: 'histogram_quantile(0.95, rate(latency_bucket[5m]))' }
  error_rate: { bad: 'rate(errors[5m])', total: 'rate(requests[5m])', minSamples: 100 }
  p99: { unit: s, query: 'max(p99)' } # !metric-unused
  warned: { unit: s, query: 'max(warned)' }
  nested: { unit: s, query: 'max(nested)' }`,
        checks: `
  smoke: { http: "http://localhost:8080/health" }
  old: { http: "http://localhost:8080/old" } # !check-unused
  first: { http: "http://localhost:8080/first" }
  after: { http: "http://localhost:8080/after" }
  live: { http: "http://localhost:8080/live", interval: 10s }
  told: { confirm: users were told, by: lead }`,
        preflight: "[ first, told ]",
        triggers: `
  rollback: [ live fails, { all: [ p95 > 400ms, nested > 1s ] } ]
  warn: [ warned > 1s ]`,
        rollback: `
  verify: { within: 10m, checks: [ after ], gates: [ error_rate < 1% ] }`,
      },
    ],
  ],
  "undo-stated": [
    [
      "calls that do not say how they are undone",
      actionsOf(`
      - run: [ ./announce.sh ] # !undo-missing
      - { run: [ ./harmless.sh ], undo: none }
      - { run: [ ./on.sh ], undo: { run: [ ./off.sh ] } }
      - http: { connection: api, POST: /things } # !undo-missing
      - http: { connection: api, PUT: /mode, json: { mode: new }, read: { GET: /mode, json: mode } }
      - scale: { workload: deployment/shop, replicas: 1 }`),
    ],
    [
      "a rollback's own actions need none",
      {
        rollback: `
  actions: [ { run: [ ./clear-cache.sh ] } ]
  verify: { within: 10m, gates: [ error_rate < 1% ] }`,
      },
    ],
  ],
  "reload-apart": [
    [
      "a reload after its edit",
      actionsOf(`
      - { run: [ systemctl, reload, other ], undo: none }
      - env-file: { file: /etc/shop.env, set: { NEW: "1" } }
      - run: [ systemctl, restart, shop ] # !reload-apart
        undo: none
      - { run: [ ./warm-up.sh ], undo: none }`),
    ],
    [
      "an edit with its own reload",
      actionsOf(`
      - env-file: { file: /etc/shop.env, set: { NEW: "1" }, reload: { systemd: shop } }`),
    ],
  ],
  "irreversible-early": [
    [
      "a point of no return before the end",
      {
        stages: stagesWith(`
    actions:
      - run: [ ./migrate.sh ] # !irreversible-early
        reversible: false`),
        finish: `
  - { run: [ ./drop-old-table.sh ], reversible: false }`,
      },
    ],
  ],
  "written-twice": [
    [
      "one value, written twice in one stage",
      actionsOf(`
      - scale: { workload: deployment/shop, replicas: 1 }
      - scale: { workload: deployment/shop, replicas: 2 } # !written-twice
      - scale: { workload: deployment/other, replicas: 2 }
      - set-env: { workload: deployment/shop, env: { A: "1", B: "1" } }
      - set-env: { workload: deployment/shop, env: { C: "1" } }
      - set-env: { workload: deployment/shop, env: { B: "2" } } # !written-twice
      - annotate: { resource: ingress/shop-canary, set: { nginx.ingress.kubernetes.io/canary-weight: "5" } } # !traffic-written-twice
      - annotate: { resource: ingress/shop, set: { owner: shop } }`),
    ],
    [
      "one value in two stages is undone once",
      {
        stages: stagesWith(
          `
    actions: [ scale: { workload: deployment/shop, replicas: 1 } ]`,
          `
    actions: [ scale: { workload: deployment/shop, replicas: 5 } ]`,
        ),
      },
    ],
  ],
  blindness: [
    ["one failed query", { maxBlind: "10s # !blind-too-short" }],
    ["two of them", { maxBlind: "1m" }],
  ],
  outputs: [
    [
      "outputs that come too late, or twice",
      actionsOf(`
      - http: { connection: api, PUT: "/keys/\${outputs.key}" } # !output-early
        undo: none
      - http: { connection: api, POST: /keys }
        outputs: { key: { json: id } }
        undo: { http: { connection: api, DELETE: "/keys/\${outputs.key}" } }
      - http: { connection: api, PUT: "/keys/\${outputs.key}/on" }
        undo: none
      - http: { connection: api, POST: /other }
        outputs:
          key: { json: id } # !output-twice
        undo: none`),
    ],
  ],
  "check-time": [
    [
      "checks that wait longer than they may take",
      {
        checks: `
  smoke:
    timeout: 10s # !check-too-short
    steps:
      - wait: 10s
      - log: /var/log/shop.log
        never: [ PANIC ]
        for: 20s
        timeout: 20s # !check-too-short
  quiet: { log: /var/log/shop.log, never: [ PANIC ], for: 20s, timeout: 21s }
  patient: # !check-too-short
    log: /var/log/shop.log
    never: [ PANIC ]
    for: 1m`,
        preflight: "[ quiet, patient ]",
      },
    ],
  ],
  "placeholder-place": [
    [
      "placeholders where they mean nothing",
      {
        checks: `
  smoke:
    http: "http://localhost:8080/health?w=\${window}" # !placeholder-misplaced`,
        ...actionsOf(`
      - { run: [ ./share.sh, "\${stage.traffic}" ], undo: none }
      - run: [ ./share.sh, "\${traffic}" ] # !placeholder-misplaced
        undo: none`),
      },
    ],
    [
      "the share in an action that shifts it",
      {
        traffic: `
  - flag: { connection: api, set: { PUT: /flag, json: { percent: "\${traffic}" } }, read: { GET: /flag, json: percent } }`,
      },
    ],
  ],
  secrets: [
    [
      "secrets in arguments and in the plan itself",
      {
        connections: `
  cluster: { type: kubectl, context: prod }
  prometheus: { type: prometheus, url: "\${env:PROMETHEUS_URL}" }
  api:
    type: http
    url: "http://localhost:8080"
    bearer: abc123 # !secret-literal`,
        checks: `
  smoke:
    http: "http://localhost:8080/health"
    header:
      Authorization: "Bearer abc" # !secret-literal
  told:
    http: "http://localhost:8080/told"
    bearer: "\${env:TOKEN}"
    expect: { json: { token: abc } }
  queried:
    run: [ psql, "\${env:DATABASE_URL}" ] # !secret-in-argv
  passed:
    run: [ psql, service=shop ]
    env: { DATABASE_URL: "\${env:DATABASE_URL}" }`,
        preflight: "[ told, queried, passed ]",
        ...actionsOf(`
      - run: [ ./deploy.sh, "--token=\${file:/run/token}" ] # !secret-in-argv
        undo: none
      - http: { connection: api, POST: /keys }
        outputs: { key: { json: key, secret: true }, key_id: { json: id } }
        undo: none
      - run: [ ./use.sh, "\${outputs.key}" ] # !secret-in-argv
        undo: none
      - { run: [ ./use.sh, "\${outputs.key_id}" ], undo: none }`),
      },
    ],
  ],
  "evidence-names": [
    [
      "names that are written twice, or tell a secret",
      evidenceOf(`
      - { run: [ date ], as: pods.txt }
      - run: [ date ]
        as: pods.txt # !evidence-name-twice
      - run: [ date ]
        as: "token_\${env:TOKEN}.txt" # !secret-in-name
      - { run: [ date ], as: "pods_\${stage.name}.txt" }
      - run: [ date ]
        as: pods_pilot.txt # !evidence-name-twice`),
    ],
    [
      "a name of everyStage that is the same in all, and one that two stages share",
      {
        everyStage: `
  soak: 15m
  evidence:
    - run: [ date ]
      as: date.txt # !evidence-name-twice
    - run: [ date ]
      as: "date_\${stage.traffic}.txt" # !evidence-name-twice
    - { run: [ date ], as: "date_\${stage.name}.txt" }`,
        stages: `
  - { name: pilot, traffic: 5%, checks: [ smoke ], gates: [ p95 < 200ms ] }
  - { name: monitor, gates: [ error_rate < 1% ] }`,
      },
    ],
    [
      "the answer of a check",
      {
        ...evidenceOf(`
      - run: [ date ]
        as: smoke.txt`),
        checks: `
  smoke:
    http: "http://localhost:8080/health"
    as: smoke.txt # !evidence-name-twice`,
      },
    ],
  ],
  "rollback-verified": [
    [
      "a check is enough",
      {
        rollback: `
  verify: { checks: [ smoke ] }`,
      },
    ],
    [
      "less time than the windows take",
      {
        rollback: `
  verify:
    wait: 2m
    within: 7m
    gates:
      - error_rate < 1% # !verify-too-short
      - p95 < 200ms for 10m # !verify-too-short`,
      },
    ],
    [
      "steps that do not go down",
      {
        rollback: `
  gradual:
    every: 1m
    shares:
      - 20%
      - 5%
      - 10% # !gradual-rises
      - 0%
  verify: { within: 10m, gates: [ error_rate < 1% ] }`,
      },
    ],
  ],
};

describe.each(Object.entries(cases))("%s", (_, list) => {
  test.each(list)("%s", (_what, sections) => {
    const yaml = shopPlan(sections);
    const told = lint(yaml).map(({ code, line }) => `${code}@${line}`);
    expect(told.toSorted()).toEqual(marks(yaml).toSorted());
  });
});

test("a rollback that nothing verifies is told at the plan", () => {
  expect(lint(shopPlan({ rollback: "" }))).toMatchObject([{ code: "rollback-unverified" }]);
});

test("a good plan lints clean", () => {
  expect(lint(shopPlan())).toEqual([]);
});

test("every code is told by some case", () => {
  const told = Object.values(cases)
    .flat()
    .flatMap(([, sections]) => marks(shopPlan(sections)))
    .map((mark) => mark.replace(/@\d+$/, ""));
  // Told in tests of their own.
  const others = ["rollback-unverified", "reaction-never", "good-beside-bad"];
  expect(new Set([...told, ...others])).toEqual(new Set(Object.keys(ruleCodes)));
});

test("every problem says what to write instead", () => {
  const problems = Object.values(cases)
    .flat()
    .flatMap(([, sections]) => lint(shopPlan(sections)));
  expect(problems.length).toBeGreaterThan(40);
  for (const { message, fix } of problems) {
    expect(fix).toMatch(/\w/);
    expect(message[0]).toBe(message[0]?.toLowerCase());
  }
});
