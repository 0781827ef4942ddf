import { z } from "zod";

import type { MetricDriver } from "../../../src/drivers/driver.ts";
import { httpJsonDriver } from "../../../src/drivers/metrics/http-json.ts";
import { builtInDrivers } from "../../../src/drivers/registry.ts";
import type { DriverCatalog } from "../../../src/plan/driver-catalog.ts";

const text = z.string().min(1);
const promQuery = z.union([
  z.strictObject({ query: text }),
  z.strictObject({ bad: text, total: text }),
  z.strictObject({ good: text, total: text }),
]);
const promConfig = z.strictObject({ url: text, arms: z.record(z.string(), text).optional() });

/** Reads a range like `[5m]` from a query; the real driver asks the PromQL grammar. */
const prometheus: MetricDriver<z.infer<typeof promConfig>, z.infer<typeof promQuery>> = {
  type: "prometheus",
  description: "asks Prometheus",
  config: promConfig,
  query: promQuery,
  window: (query) => {
    const [, minutes] = /\[(\d+)m\]/.exec(JSON.stringify(query)) ?? [];
    return minutes === undefined ? null : Number(minutes) * 60_000;
  },
  unit: (query) => ("total" in query ? "ratio" : null),
  lint: () => [],
  open: () => {
    throw new Error("a plan is linted without asking anybody");
  },
};

/** The drivers that ship, with stand-ins for the two metric sources that these plans name. */
export const catalog: DriverCatalog = {
  ...builtInDrivers(),
  metrics: new Map<string, MetricDriver<unknown, unknown>>([
    ["prometheus", prometheus],
    ["http-json", httpJsonDriver],
  ]),
  connections: new Map([
    ...builtInDrivers().connections,
    ["prometheus", { type: "prometheus", description: "", config: promConfig }],
    ["http-json", { type: "http-json", description: "", config: httpJsonDriver.config }],
  ]),
};
