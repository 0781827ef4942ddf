/** The sections of a plan that lints clean, as YAML. */
const SECTIONS = {
  params: `
  version: { default: v1 }`,
  connections: `
  cluster: { type: kubectl, context: prod }
  prometheus: { type: prometheus, url: "http://localhost:9090" }
  api: { type: http, url: "http://localhost:8080" }`,
  metrics: `
  p95: { unit: s, query: 'histogram_quantile(0.95, rate(latency_bucket[5m]))' }
  error_rate: { bad: 'rate(errors[5m])', total: 'rate(requests[5m])', minSamples: 100 }`,
  checks: `
  smoke: { http: "http://localhost:8080/health" }`,
  traffic: `
  - ingress-nginx: { ingress: shop-canary }`,
  preflight: "",
  everyStage: `
  soak: 15m`,
  stages: `
  - name: pilot
    traffic: 5%
    actions:
      - set-image: { workload: deployment/shop, image: "shop:\${params.version}" }
    checks: [ smoke ]
    gates: [ p95 < 200ms, error_rate < 1% ]
  - name: full
    traffic: 100%
    gates: [ p95 < 200ms ]`,
  finish: "",
  triggers: `
  rollback: [ p95 > 400ms, error_rate > 3% ]`,
  rollback: `
  verify: { within: 10m, gates: [ error_rate < 1% ] }`,
  maxBlind: "",
} as const;

export type Sections = { readonly [K in keyof typeof SECTIONS]?: string };

/** The plan with some of its sections replaced; an empty one is left out. */
export function shopPlan(sections: Sections = {}): string {
  const merged = Object.entries({ ...SECTIONS, ...sections });
  const head = "apiVersion: canary/v1\nkind: Plan\nname: shop\n";
  const body = merged.flatMap(([key, text]) =>
    text === "" ? [] : [`${key}:${text.startsWith("\n") ? text : ` ${text}`}\n`],
  );
  return head + body.join("");
}
