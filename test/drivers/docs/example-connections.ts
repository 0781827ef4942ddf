/** A connection of each type that an example needs, as a line of a plan. */
export const exampleConnections: Readonly<Record<string, string>> = {
  http: 'shop: { type: http, url: "http://localhost:8080", bearer: "${env:SHOP_TOKEN}" }',
  kubectl: "cluster: { type: kubectl, context: prod, namespace: shop }",
  haproxy: "lb: { type: haproxy, socket: /run/haproxy/admin.sock }",
  unleash:
    'flags: { type: unleash, url: "http://localhost:4242", token: "${env:UNLEASH_TOKEN}", environment: production }',
  launchdarkly:
    'flags: { type: launchdarkly, token: "${env:LD_TOKEN}", project: shop, environment: production }',
  openmetrics: 'app: { type: openmetrics, url: "http://localhost:8080/metrics" }',
  ssh: "web: { type: ssh, host: deploy@web-1 }",
  grafana:
    'grafana: { type: grafana, url: "http://localhost:3000", token: "${env:GRAFANA_TOKEN}" }',
};
