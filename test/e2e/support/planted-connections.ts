import { everySource } from "../../drivers/metrics/no-data/every-source.ts";
import type { Garden } from "./planted.ts";

/** Where secrets are planted, and where all connections lead to. */
interface Place {
  readonly garden: Garden;
  readonly url: string;
  /** The port of an SMTP server. */
  readonly smtp: number;
}

/** Connections of every type, each credential of it in one of them; `url` is where all of them lead to. */
export function connectionsFor({
  garden,
  url,
  smtp,
}: Place): Readonly<Record<string, Record<string, unknown>>> {
  const plant = (place: string, valueOf?: (secret: string) => string): string =>
    garden.plant(place, valueOf);
  const signIns = (type: string): readonly object[] => [
    { bearer: plant(`${type}: bearer`) },
    { basic: { user: "canary", password: plant(`${type}: basic.password`) } },
    { header: { "x-api-key": plant(`${type}: header.*`) } },
  ];
  const several = (type: string, more: object, ways: readonly object[]): [string, object][] =>
    ways.map((way, index) => [`${type}-${index}`, { type, ...more, ...way }]);
  const sources = everySource.flatMap(({ source, http }) =>
    http === undefined ? [] : several(source, { url, ...http.config }, signIns(source)),
  );
  const made: readonly [string, object][] = [
    ...sources,
    ...several("http", { url }, signIns("http")),
    [
      "http-tls",
      {
        type: "http",
        url: url.replace("http:", "https:"),
        tls: { cert: "x", key: plant("http: tls.key") },
      },
    ],
    [
      "unleash-0",
      { type: "unleash", url, token: plant("unleash: token"), environment: "production" },
    ],
    [
      "launchdarkly-0",
      {
        type: "launchdarkly",
        url,
        token: plant("launchdarkly: token"),
        project: "p",
        environment: "e",
      },
    ],
    ["command-0", { type: "command", env: { A: plant("command: env.*") } }],
    [
      "sql-0",
      {
        type: "sql",
        client: "psql",
        database: "shop",
        password: plant("sql: password"),
        env: { PGSSLPASSWORD: plant("sql: env.*") },
      },
    ],
    ["slack-0", { type: "slack", token: plant("slack: token"), channel: "#x", api: url }],
    [
      "slack-1",
      { type: "slack", url: plant("slack: url", (secret) => `${url}/services/${secret}`) },
    ],
    ["pagerduty-0", { type: "pagerduty", key: plant("pagerduty: key"), url }],
    ["grafana-0", { type: "grafana", token: plant("grafana: token"), url }],
    ["statuspage-0", { type: "statuspage", page: "p", token: plant("statuspage: token"), url }],
    [
      "email-0",
      {
        type: "email",
        host: "127.0.0.1",
        port: smtp,
        tls: "none",
        from: "a@example.com",
        to: ["b@example.com"],
        user: "canary",
        password: plant("email: password"),
      },
    ],
    ["webhook-0", { type: "webhook", url, bearer: plant("webhook: bearer") }],
    [
      "webhook-1",
      {
        type: "webhook",
        url,
        secret: plant(
          "webhook: secret",
          (secret) => `whsec_${Buffer.from(secret).toString("base64")}`,
        ),
      },
    ],
    [
      "github-0",
      { type: "github", repo: "acme/shop", token: plant("github: token"), ref: "v1", url },
    ],
  ];
  return Object.fromEntries(made) as Record<string, Record<string, unknown>>;
}
