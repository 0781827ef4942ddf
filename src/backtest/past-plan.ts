import type { Metric, Plan } from "../core/plan.ts";
import type { Json } from "../core/units.ts";
import { rehearsalPlan } from "../engine/rehearsal/rehearsal-plan.ts";
import type { DriverCatalog } from "../plan/driver-catalog.ts";

export interface PastPlan {
  readonly plan: Plan;
  /** Metrics whose source keeps no past: they are taken to be healthy. */
  readonly assumed: readonly string[];
}

/** What the two versions are told apart by in the past, where it was not by what the plan says. */
export interface Arms {
  readonly canary?: string;
  readonly stable?: string;
}

/** The plan with its actions and checks in memory, as in a rehearsal, and its metrics asked of the past. */
export function pastPlan(plan: Plan, catalog: DriverCatalog, arms: Arms): PastPlan {
  const hasPast = ({ driver }: Metric): boolean =>
    catalog.metrics.get(driver)?.openPast !== undefined;
  const rehearsed = rehearsalPlan(plan);
  const metrics = Object.values(plan.metrics).map((metric) =>
    hasPast(metric) ? metric : assumedMetric(rehearsed.metrics[metric.name] ?? metric),
  );
  const assumed = Object.values(plan.metrics).filter((metric) => !hasPast(metric));
  const named = Object.entries(rehearsed.connections).map(
    ([name, connection]) => [assumedName(name), connection] as const,
  );
  const real = Object.entries(plan.connections).map(
    ([name, connection]) =>
      [name, { ...connection, config: withArms(connection.config, arms) }] as const,
  );
  return {
    plan: {
      ...rehearsed,
      metrics: Object.fromEntries(metrics.map((metric) => [metric.name, metric])),
      connections: Object.fromEntries([...named, ...real]),
    },
    assumed: assumed.map(({ name }) => name),
  };
}

function assumedMetric(metric: Metric): Metric {
  return { ...metric, connection: assumedName(metric.driver) };
}

/** No connection of a plan has a space in its name. */
function assumedName(driver: string): string {
  return `assumed ${driver}`;
}

type Config = Readonly<Record<string, Json>>;

function withArms(config: Config, { canary, stable }: Arms): Config {
  const { arms } = config;
  if (typeof arms !== "object" || arms === null || Array.isArray(arms)) return config;
  return {
    ...config,
    arms: {
      ...(arms as Config),
      ...(canary === undefined ? {} : { canary }),
      ...(stable === undefined ? {} : { stable }),
    },
  };
}
