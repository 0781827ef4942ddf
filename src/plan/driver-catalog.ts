import type { z } from "zod";

import type { ActionDriver, CheckDriver, EvidenceDriver, MetricDriver } from "../drivers/driver.ts";
import type { SinkDriver } from "../sinks/sink.ts";

/** Every driver that a plan may name, by the word that names it. The plan language is validated against it. */
export interface DriverCatalog {
  /** By verb: `set-image`. */
  readonly actions: ReadonlyMap<string, ActionDriver<unknown>>;
  /** By connection type: `prometheus`. */
  readonly metrics: ReadonlyMap<string, MetricDriver<unknown, unknown>>;
  /** By the key that makes a check of that kind: `http`. */
  readonly checks: ReadonlyMap<string, CheckDriver<unknown>>;
  /** By the key that makes a capture of that kind: `kubectl`. */
  readonly evidence: ReadonlyMap<string, EvidenceDriver<unknown>>;
  /** Config schema by connection type, those of the metric drivers included. */
  readonly connections: ReadonlyMap<string, ConnectionType>;
  /** Where messages and records go, by connection type: `slack`. */
  readonly sinks: ReadonlyMap<string, SinkDriver>;
}

export interface ConnectionType {
  readonly type: string;
  readonly description: string;
  readonly config: z.ZodType;
}
