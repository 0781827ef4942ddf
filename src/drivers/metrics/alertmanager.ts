import { z } from "zod";

import type { Sample } from "../../core/sample.ts";
import type { DriverContext, MetricDriver } from "../driver.ts";
import { askJson } from "./ask-json.ts";
import { plainQuery } from "./fill-window.ts";
import { futureProblem } from "./future-problem.ts";
import { createPace } from "./pace.ts";
import { readTime } from "./read-time.ts";
import { errorSample, noDataSample, type NoValue } from "./sample-of.ts";
import { firstWords, signInShape, type SignIn } from "./source-request.ts";
import { withinSignal } from "./within-signal.ts";

const matcher = z
  .string()
  .regex(
    /^\s*\w+\s*(?:=~|!~|!=|=)\s*.+$/su,
    'write a matcher as Alertmanager does: service="checkout", severity=~"page|critical"',
  );
const matchers = z.union([matcher, z.array(matcher).min(1)]);

export const alertmanagerConfig = z.strictObject({
  url: z.string().min(1).describe("address of the server, without /api/v2: http://alerts:9093"),
  ...signInShape,
  tenant: z.string().min(1).optional().describe("tenant of Mimir or Cortex (X-Scope-OrgID)"),
  watchdog: matchers
    .optional()
    .describe(
      'an alert that always fires: alertname="Watchdog"; where it is missing, alerts do not arrive',
    ),
});

export const alertmanagerQuery = z.strictObject({
  firing: matchers.describe("counts the firing alerts that all these matchers fit"),
  silenced: z
    .boolean()
    .optional()
    .describe("whether silenced and inhibited alerts count too; without it they do not"),
});

export type AlertmanagerConfig = z.infer<typeof alertmanagerConfig>;
export type AlertmanagerQuery = z.infer<typeof alertmanagerQuery>;

/** How many alerts are told by name. */
const MAX_TOLD = 10;

const alerts = z.array(
  z.object({
    labels: z.record(z.string(), z.string()),
    startsAt: z.string(),
    updatedAt: z.string(),
    status: z.object({ state: z.enum(["active", "suppressed", "unprocessed"]) }),
  }),
);
type Alerts = z.infer<typeof alerts>;

/**
 * Firing alerts, as a number: `alerts == 0` is a gate of one line. No alert is 0, and so is an Alertmanager that no alert
 * reaches any more: only a `watchdog` tells the two apart.
 */
export const alertmanagerDriver: MetricDriver<AlertmanagerConfig, AlertmanagerQuery> = {
  type: "alertmanager",
  description: "counts the firing alerts of an Alertmanager",
  config: alertmanagerConfig,
  query: alertmanagerQuery,
  window: () => 0,
  unit: () => "count",
  over: "ignored",
  counts: () => false,
  lint: () => [],
  open(opened) {
    const pace = createPace();
    return {
      sample(query, _window, context) {
        const server: AlertServer = { ...opened, ...context.connection, pace };
        return withinSignal(context.signal, count(server, plainQuery(query), context));
      },
      close: () => undefined,
    };
  },
};

type AlertServer = AlertmanagerConfig & SignIn;

async function count(
  config: AlertServer,
  query: AlertmanagerQuery,
  context: DriverContext,
): Promise<Sample> {
  const [found, watchdog] = await Promise.all([
    ask(config, query.firing, query.silenced ?? false, context),
    config.watchdog === undefined ? null : ask(config, config.watchdog, true, context),
  ]);
  if ("kind" in found) return found;
  if (watchdog !== null && "kind" in watchdog) return watchdog;
  const times = (watchdog ?? []).map(({ updatedAt }) => readTime(updatedAt) ?? 0);
  if (watchdog !== null && times.length === 0)
    return noDataSample("the watchdog alert does not fire: no alert may arrive there any more");
  const observedAt = times.length === 0 ? null : Math.max(...times);
  const future = observedAt === null ? null : futureProblem(observedAt, context.now());
  if (future !== null) return errorSample(`the watchdog alert was renewed ${future}`);
  const finds = found.slice(0, MAX_TOLD).map(told);
  return {
    kind: "value",
    value: found.length,
    samples: null,
    observedAt,
    ...(finds.length === 0 ? {} : { finds }),
  };
}

async function ask(
  config: AlertServer,
  wanted: string | readonly string[],
  silenced: boolean,
  context: DriverContext,
): Promise<Alerts | NoValue> {
  const params = new URLSearchParams({
    active: "true",
    silenced: String(silenced),
    inhibited: String(silenced),
    unprocessed: "true",
  });
  for (const text of [wanted].flat()) params.append("filter", text);
  const url = `${config.url.replace(/\/+$/u, "")}/api/v2/alerts?${params.toString()}`;
  const { tenant, header } = config;
  const signIn =
    tenant === undefined ? config : { ...config, header: { ...header, "x-scope-orgid": tenant } };
  const answer = await askJson("alertmanager", { url, method: "GET" }, signIn, context);
  if (answer.kind !== "json") return answer;
  const parsed = alerts.safeParse(answer.json);
  return parsed.success
    ? parsed.data
    : errorSample(
        `this is no answer of an alertmanager: ${firstWords(JSON.stringify(answer.json))}`,
      );
}

function told({ labels, startsAt }: Alerts[number]): string {
  return `${labels["alertname"] ?? "an alert without a name"} since ${startsAt}`;
}
