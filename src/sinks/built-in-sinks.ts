import { email } from "./email.ts";
import { github } from "./github.ts";
import { grafana } from "./grafana.ts";
import { pagerduty } from "./pagerduty.ts";
import type { SinkDriver } from "./sink.ts";
import { slack } from "./slack.ts";
import { statuspage } from "./statuspage.ts";
import { webhook } from "./webhook.ts";

const sinks: readonly SinkDriver[] = [
  slack,
  pagerduty,
  grafana,
  statuspage,
  email,
  webhook,
  github,
];

/** Every sink that ships, by connection type. A new one is a file of its own, a line here and one in `lazy-sinks.ts`. */
export function builtInSinks(): ReadonlyMap<string, SinkDriver> {
  return new Map(sinks.map((sink) => [sink.type, sink]));
}
