import type { SinkDriver } from "./sink.ts";
import { webhook } from "./webhook.ts";

const sinks: readonly SinkDriver[] = [webhook];

/** Every sink that ships, by connection type. A new one is a file of its own, a line here and one in `lazy-sinks.ts`. */
export function builtInSinks(): ReadonlyMap<string, SinkDriver> {
  return new Map(sinks.map((sink) => [sink.type, sink]));
}
