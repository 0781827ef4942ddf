import type { Sample } from "../../../../src/core/sample.ts";
import { alertmanagerDriver } from "../../../../src/drivers/metrics/alertmanager.ts";
import { askAnswering, httpCases, type HttpSource } from "./http-cases.ts";
import type { SourceCases } from "./source-cases.ts";

const source: HttpSource = {
  driver: alertmanagerDriver,
  query: { firing: 'service="shop"' },
};

const watched: HttpSource = { ...source, config: { watchdog: 'alertname="Watchdog"' } };

function watchdog(updatedAgo: number | null): Promise<Sample> {
  const updatedAt = new Date(Date.now() - (updatedAgo ?? 0) * 1000).toISOString();
  const alert = {
    labels: { alertname: "Watchdog" },
    status: { state: "active" },
    startsAt: updatedAt,
    updatedAt,
  };
  return askAnswering(watched, ({ path }) =>
    path.includes("Watchdog") && updatedAgo !== null ? [alert] : [],
  );
}

export const alertmanagerCases: SourceCases = {
  source: "alertmanager",
  http: source,
  note: {
    connection: `{ type: alertmanager, url: "http://alerts:9093", watchdog: 'alertname="Watchdog"' }`,
    metrics: ["firing: { connection: source, firing: 'service=\"shop\"' }"],
    gates: ["firing == 0"],
    age: "when the `watchdog` was last renewed. Without one, an Alertmanager that no alert reaches any more says 0",
    rights: "to read alerts",
    proofs: [["alertmanager.test.ts", "Alertmanager"]],
  },
  never: {
    zeroByZero: "it counts",
    byZero: "it counts",
    several: "alerts are counted",
    errorInside: "a list, or another status",
    partial: "a list, or another status",
  },
  cases: [
    {
      situation: "nothing",
      says: "`[]`",
      becomes: "value",
      why: 0,
      ask: () => askAnswering(source, () => []),
    },
    {
      situation: "nothing",
      says: "`[]` for the `watchdog` too",
      becomes: "noData",
      why: "no alert may arrive there",
      ask: () => watchdog(null),
    },
    {
      situation: "dead",
      says: "a `watchdog` that was not renewed within `maxAge`",
      becomes: "stale",
      why: "the newest value is … s old",
      ask: () => watchdog(50),
    },
    ...httpCases(source, '[{"labels":{"alertname":'),
  ],
};
