/** The plan that `canary init` writes: commented, complete, and free of problems. */
export function initTemplate(): string {
  return TEMPLATE;
}

const TEMPLATE = `# yaml-language-server: $schema=./plan.schema.json
# Editors complete and check this file with the schema: canary schema > plan.schema.json
#
# A plan says how a new version gets its traffic, step by step, what must be true at each step, and when to go back.
#   canary lint FILE       every problem, with its line
#   canary plan FILE       every command that will be run, and its undo
#   canary rehearse FILE   the whole rollout in virtual time
#   canary start FILE --set version=v1.4.0
apiVersion: canary/v1
kind: Plan
name: my-service

about:
  owner: the team that answers for it

# Values that a start gives: --set version=v1.4.0. They are used as \${params.version}.
# Inside { } and [ ] a text with \${…} stands in quotes.
params:
  version: { required: true, description: image tag, example: v1.4.0 }
  soak: { type: duration, default: 15m, min: 5m }

# Addresses and credentials. Secrets are references, like \${env:NAME}, and are never printed.
connections:
  cluster: { type: kubectl, context: prod, namespace: my-service }
  prometheus: { type: prometheus, url: "\${env:PROMETHEUS_URL}" }

# What is measured. Each metric has a unit: s, ratio, count, /s, /min, ratio/min, bytes, bool or none.
# bad and total give a ratio, and how many samples are behind it: fewer than minSamples decide nothing.
metrics:
  p95:
    unit: s
    query: 'histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{track="canary"}[5m])))'
  error_rate:
    bad: 'sum(increase(http_requests_total{track="canary",status=~"5.."}[5m]))'
    total: 'sum(increase(http_requests_total{track="canary"}[5m]))'
    minSamples: 100

# Active tests, and what only a person can say (canary confirm ROLLOUT feedback --reason …).
checks:
  serves:
    http: https://my-service.example.com/healthz
    expect: { status: 200 }
  feedback: { confirm: users report nothing unusual, by: oncall }

# What shifts a share of traffic. Each stage says how much.
traffic:
  - ingress-nginx: { ingress: my-service-canary }

# Checks before anything is changed.
preflight: [serves]

# Defaults of all stages; lists are added to those of a stage.
everyStage:
  soak: "\${params.soak}" # how long the gates must have been green without a break
  interval: 30s
  gates:
    - p95 < 300ms
    - error_rate < 1%
  evidence:
    - { metric: error_rate, as: "error_rate_\${stage.name}.txt" }

# A stage is: actions, each until it took effect; then traffic, checks, soak and gates, evidence.
stages:
  - name: pilot
    actions:
      - set-image:
          workload: deployment/my-service-canary
          container: app
          image: "my-service:\${params.version}"
      - scale: { workload: deployment/my-service-canary, replicas: 1 }
    traffic: 1%
    checks: [serves]
  - name: quarter
    traffic: 25%
  - name: full
    traffic: 100%
    soak: 30m
    gates:
      - p95 <= 1.2x baseline
      - feedback confirmed

# Watched in every phase, and grouped by what they do: rollback, hold, page, warn.
triggers:
  rollback:
    - error_rate > 5%
    - p95 > 500ms for 5m
  warn:
    - p95 > 400ms

# Every change knows its own undo. This is what must be true afterwards.
rollback:
  verify:
    wait: 5m # as long as the window of the queries: they look back
    within: 20m
    checks: [serves]
    gates: [error_rate < 1%]
`;
