import { z } from "zod";

import { http } from "../../../src/drivers/actions/http.ts";
import { run } from "../../../src/drivers/actions/run.ts";
import { http as httpCheck } from "../../../src/drivers/checks/http.ts";
import { run as runCheck } from "../../../src/drivers/checks/run.ts";
import type {
  ActionDriver,
  CheckDriver,
  EvidenceDriver,
  MetricDriver,
} from "../../../src/drivers/driver.ts";
import { envFile } from "../../../src/drivers/env/env-file.ts";
import { flag } from "../../../src/drivers/flags/flag.ts";
import { annotate } from "../../../src/drivers/kubectl/annotate.ts";
import { scale } from "../../../src/drivers/kubectl/scale.ts";
import { setEnv } from "../../../src/drivers/kubectl/set-env.ts";
import { setImage } from "../../../src/drivers/kubectl/set-image.ts";
import { httpJsonDriver } from "../../../src/drivers/metrics/http-json.ts";
import { ingressNginx } from "../../../src/drivers/traffic/ingress-nginx.ts";
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

const runEvidence: EvidenceDriver<{ readonly run: readonly string[] }> = {
  kind: "run",
  description: "keeps what a command prints",
  connections: [],
  input: z.strictObject({ run: z.array(text).min(1) }),
  preview: ({ run: argv }) => argv.join(" "),
  take: () => Promise.resolve({ kind: "missing", why: "a plan is linted without running it" }),
};

const connection = (type: string, keys: z.ZodRawShape = {}) =>
  ({ type, description: type, config: z.strictObject(keys) }) as const;

function by<T>(key: (thing: T) => string, things: readonly T[]): ReadonlyMap<string, T> {
  return new Map(things.map((thing) => [key(thing), thing]));
}

/** The drivers that plans in these tests name: the real ones, but for the sources of metrics and evidence. */
export const catalog: DriverCatalog = {
  actions: by<ActionDriver<unknown>>(
    (driver) => driver.kind,
    [setImage, scale, setEnv, annotate, ingressNginx, run, http, flag, envFile],
  ),
  metrics: by<MetricDriver<unknown, unknown>>(
    (driver) => driver.type,
    [prometheus, httpJsonDriver],
  ),
  checks: by<CheckDriver<unknown>>((driver) => driver.kind, [httpCheck, runCheck]),
  evidence: by<EvidenceDriver<unknown>>((driver) => driver.kind, [runEvidence]),
  connections: by(
    (each) => each.type,
    [
      connection("kubectl", { context: text, namespace: text.optional() }),
      connection("http", {
        url: text,
        bearer: text.optional(),
        header: z.record(text, text).optional(),
      }),
      { type: "prometheus", description: "", config: promConfig },
      { type: "http-json", description: "", config: httpJsonDriver.config },
    ],
  ),
};
