import { z } from "zod";

import type { Json } from "../../src/core/units.ts";
import type {
  ActionDriver,
  Answer,
  CheckDriver,
  EvidenceDriver,
  MetricDriver,
} from "../../src/drivers/driver.ts";
import type { DriverCatalog } from "../../src/plan/driver-catalog.ts";

const done: Promise<Answer<never>> = Promise.resolve({
  kind: "failed",
  why: "a fake does nothing",
});
const json: z.ZodType<Json> = z.json();

function action(
  kind: string,
  input: z.ZodType,
  more: Partial<ActionDriver<unknown>> = {},
): ActionDriver<unknown> {
  return {
    kind,
    description: `the fake of ${kind}`,
    connections: ["kubectl"],
    traffic: false,
    input,
    style: () => "fields",
    preview: () => [{ does: kind, undo: `undo ${kind}` }],
    changes: () => done,
    read: () => done,
    write: () => done,
    settle: () => done,
    call: () => done,
    permissions: () => Promise.resolve([]),
    ...more,
  };
}

function check(
  kind: string,
  input: z.ZodType,
  connections: readonly string[],
): CheckDriver<unknown> {
  return {
    kind,
    description: `the fake of ${kind}`,
    connections,
    input,
    preview: () => kind,
    run: () => Promise.resolve({ kind: "pass", detail: "", body: "" }),
  };
}

function taken(
  kind: string,
  input: z.ZodType,
  connections: readonly string[],
): EvidenceDriver<unknown> {
  return {
    kind,
    description: `the fake of ${kind}`,
    connections,
    input,
    preview: () => kind,
    take: () => Promise.resolve({ kind: "taken", content: "" }),
  };
}

const argv = z
  .array(z.string())
  .min(1, "the command is empty")
  .or(
    z
      .string()
      .refine(() => false, "no shell here: write a list like [gh, run, list]; `>` is `as:`"),
  );
const workload = z.string().regex(/^[a-z]+\/[a-z0-9-]+$/, "write kind/name, like deployment/api");
const address = z.string().min(1).optional();
const request = {
  GET: address,
  POST: address,
  PUT: address,
  PATCH: address,
  DELETE: address,
  json: json.optional(),
};
const read = z.strictObject({ GET: z.string(), json: z.string() });

const actions = [
  action(
    "set-image",
    z.strictObject({ workload, container: z.string().optional(), image: z.string().min(1) }),
  ),
  action("scale", z.strictObject({ workload, replicas: z.int().min(0) })),
  action("ingress-nginx", z.strictObject({ ingress: z.string() }), { traffic: true }),
  action("http", z.strictObject({ ...request, read: read.optional() }), {
    connections: ["http"],
    traffic: true,
    style: (input) =>
      typeof input === "object" && input !== null && "read" in input ? "fields" : "call",
  }),
  action("flag", z.strictObject({ set: z.strictObject(request), read }), {
    connections: ["http"],
    traffic: true,
  }),
  action(
    "run",
    argv.transform((list) => ({ argv: list })),
    {
      connections: [],
      style: () => "call",
    },
  ),
  action(
    "env-file",
    z.strictObject({
      file: z.string(),
      set: z.record(z.string(), z.string()),
      reload: json.optional(),
    }),
    { connections: [] },
  ),
];

const expectation = z
  .strictObject({
    status: z.int().optional(),
    header: z.record(z.string(), z.string()).optional(),
    json: json.optional(),
    stdout: z.string().optional(),
  })
  .optional();

const checks = [
  check(
    "http",
    z.strictObject({
      http: z.union([z.string().min(1), z.strictObject(request)]),
      header: z.record(z.string(), z.string()).optional(),
      bearer: z.string().optional(),
      expect: expectation,
    }),
    ["http"],
  ),
  check(
    "run",
    z.strictObject({
      run: argv,
      env: z.record(z.string(), z.string()).optional(),
      expect: expectation,
    }),
    [],
  ),
  check("kubectl", z.strictObject({ kubectl: argv, expect: expectation }), ["kubectl"]),
  check("log", z.strictObject({ log: z.string(), lines: z.array(z.string()).min(1) }), ["log"]),
];

const evidence = [
  taken("metrics", z.strictObject({ metrics: z.string() }), ["openmetrics"]),
  taken("http", z.strictObject({ http: z.string() }), ["http"]),
  taken("run", z.strictObject({ run: argv }), []),
  taken("kubectl", z.strictObject({ kubectl: argv }), ["kubectl"]),
  taken("log", z.strictObject({ log: z.string(), match: z.string().optional() }), [
    "kubectl",
    "log",
  ]),
];

interface PromQuery {
  readonly query?: string | undefined;
  readonly bad?: string | undefined;
  readonly good?: string | undefined;
  readonly total?: string | undefined;
}

const prometheus: MetricDriver<unknown, PromQuery> = {
  type: "prometheus",
  description: "the fake of Prometheus",
  config: z.strictObject({ url: z.string(), arms: z.record(z.string(), z.string()).optional() }),
  query: z
    .strictObject({
      query: z.string().optional(),
      bad: z.string().optional(),
      good: z.string().optional(),
      total: z.string().optional(),
    })
    .refine(
      (query) => query.query !== undefined || query.total !== undefined,
      "no query: write `query`, or `bad` or `good` with `total`",
    ),
  window: ({ query, total }) => {
    const minutes = /\[(\d+)m\]/.exec(query ?? total ?? "")?.[1];
    return minutes === undefined ? null : Number(minutes) * 60_000;
  },
  unit: ({ total }) => (total === undefined ? null : "ratio"),
  over: "placeholder",
  counts: ({ total }) => total !== undefined,
  lint: ({ query }) => {
    const offset = query?.indexOf("((") ?? -1;
    return offset === -1 ? [] : [{ message: "this is not PromQL", key: "query", offset }];
  },
  open: () => ({
    sample: () => Promise.resolve({ kind: "noData", why: "" }),
    close: () => undefined,
  }),
};

const overHttp = {
  description: "the fake of an address",
  config: z.strictObject({ url: z.string(), bearer: z.string().optional() }),
  lint: () => [],
  open: () => prometheus.open(null),
} satisfies Partial<MetricDriver<unknown, unknown>>;

const httpJson: MetricDriver<unknown, unknown> = {
  ...overHttp,
  type: "http-json",
  query: z.strictObject({ value: z.string(), time: z.string().optional() }),
  window: () => null,
  unit: () => null,
  over: "ignored",
  counts: () => false,
};

const openmetrics: MetricDriver<unknown, unknown> = {
  ...overHttp,
  type: "openmetrics",
  window: (query) => (typeof query === "object" && query !== null && "gauge" in query ? 0 : null),
  query: z.strictObject({
    gauge: z.string().optional(),
    rate: z.string().optional(),
    histogram: z.string().optional(),
    quantile: z.number().optional(),
    bad: z.string().optional(),
    good: z.string().optional(),
    total: z.string().optional(),
  }),
  unit: (query) =>
    typeof query === "object" && query !== null && "total" in query ? "ratio" : null,
};

const metrics: readonly MetricDriver<unknown, unknown>[] = [prometheus, httpJson, openmetrics];

const connections = [
  {
    type: "kubectl",
    description: "the fake of a cluster",
    config: z.strictObject({ context: z.string().optional(), namespace: z.string().optional() }),
  },
  {
    type: "http",
    description: "the fake of an API",
    config: z.strictObject({ url: z.string(), bearer: z.string().optional() }),
  },
  { type: "log", description: "the fake of a log", config: z.strictObject({ file: z.string() }) },
  ...metrics,
];

/** A few drivers with the schemas of real ones, so that the plan language is tested apart from them. */
export const fakeCatalog: DriverCatalog = {
  actions: new Map(actions.map((each) => [each.kind, each])),
  metrics: new Map(metrics.map((each) => [each.type, each])),
  checks: new Map(checks.map((each) => [each.kind, each])),
  evidence: new Map(evidence.map((each) => [each.kind, each])),
  connections: new Map(connections.map((each) => [each.type, each])),
  sinks: new Map(),
};
