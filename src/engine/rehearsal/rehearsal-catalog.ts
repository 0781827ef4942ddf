import { z } from "zod";

import type { Change, Field, FieldValue } from "../../core/field.ts";
import type { ActionDriver, Answer, MetricDriver, Request } from "../../drivers/driver.ts";
import type { DriverCatalog } from "../../plan/driver-catalog.ts";
import type { RehearsalDesk } from "./rehearsal-desk.ts";
import type { RehearsalWorld } from "./rehearsal-world.ts";

const named = z.object({ name: z.string() });
const asked = z.object({ name: z.string(), arm: z.enum(["canary", "stable"]) });

/** The catalog with every driver in front of memory: it keeps its schema, style and preview, and calls nothing. */
export function rehearsalCatalog(
  catalog: DriverCatalog,
  world: RehearsalWorld,
  desk?: RehearsalDesk,
): DriverCatalog {
  const values = new Map<string, FieldValue>();
  return {
    ...catalog,
    actions: mapValues(catalog.actions, (driver) => rehearsalAction(driver, values, world)),
    metrics: mapValues(catalog.metrics, (driver) => rehearsalMetric(driver, world)),
    checks: new Map([
      [
        "rehearsal",
        {
          kind: "rehearsal",
          description: "answers what the scenario says",
          connections: [],
          input: named,
          preview: () => "",
          run: (input, context) =>
            Promise.resolve(world.check(named.parse(input).name, context.now())),
        },
      ],
    ]),
    evidence: mapValues(catalog.evidence, (driver) => ({
      ...driver,
      take: () => Promise.resolve({ kind: "taken" as const, content: "" }),
      permissions: () => Promise.resolve([]),
    })),
    sinks: mapValues(catalog.sinks, (sink) => ({
      ...sink,
      deliver(notice, { config }) {
        desk?.tell(named.parse(config).name, notice);
        return Promise.resolve({ kind: "delivered" as const });
      },
    })),
  };
}

function rehearsalAction(
  driver: ActionDriver<unknown>,
  values: Map<string, FieldValue>,
  world: RehearsalWorld,
): ActionDriver<unknown> {
  const read = (field: Field): FieldValue => values.get(field.key) ?? baselineOf(field);
  return {
    ...driver,
    style: (input) => driver.style(input),
    preview: (request) => driver.preview(request),
    changes: (request) => Promise.resolve({ kind: "ok", value: [changeOf(driver, request)] }),
    read: (fields) =>
      Promise.resolve({
        kind: "ok",
        value: fields.map((field) => ({ field, value: read(field), mark: null })),
      }),
    write(changes) {
      for (const { field, value } of changes) {
        const failure = world.write(field.label);
        if (failure !== null) return Promise.resolve(failure);
        values.set(field.key, value);
      }
      return done;
    },
    settle: () => done,
    call(request) {
      const failure = world.write(labelOf(driver, request));
      return Promise.resolve(failure ?? { kind: "ok", value: { body: {} } });
    },
    fence: () => done,
    release: () => done,
    permissions: () => Promise.resolve([]),
  };
}

const done: Promise<Answer<null>> = Promise.resolve({ kind: "ok", value: null });

/** One field for each thing that is written: a traffic action writes the same one in every stage. */
function changeOf(driver: ActionDriver<unknown>, request: Request<unknown>): Change {
  const { share, connectionName } = request;
  const input = JSON.stringify(request.input);
  const place = share === null ? input : input.replaceAll(String(share), "share");
  const key = `rehearsal/${driver.kind}/${connectionName ?? ""}/${place}`;
  const field: Field = {
    key,
    target: key,
    driver: driver.kind,
    connection: connectionName,
    ref: { isTraffic: share !== null },
    label: labelOf(driver, request),
  };
  return { field, value: { present: true, value: share ?? input } };
}

function labelOf(driver: ActionDriver<unknown>, request: Request<unknown>): string {
  return driver.preview(request)[0]?.does ?? driver.kind;
}

function baselineOf(field: Field): FieldValue {
  const isTraffic = JSON.stringify(field.ref) === JSON.stringify({ isTraffic: true });
  return { present: true, value: isTraffic ? 0 : "before" };
}

function rehearsalMetric(
  driver: MetricDriver<unknown, unknown>,
  world: RehearsalWorld,
): MetricDriver<unknown, unknown> {
  return {
    ...driver,
    open: () => ({
      sample: (query, _window, context) => {
        const { name, arm } = asked.parse(query);
        return Promise.resolve(world.metric(name, arm, context.now()));
      },
      close: () => undefined,
    }),
  };
}

function mapValues<V, W>(map: ReadonlyMap<string, V>, to: (value: V) => W): Map<string, W> {
  return new Map([...map].map(([key, value]) => [key, to(value)]));
}
