import type { Plan } from "../core/plan.ts";
import type { WallTime } from "../core/units.ts";
import type { MetricDriver, MetricSource } from "../drivers/driver.ts";
import { rehearsalCatalog } from "../engine/rehearsal/rehearsal-catalog.ts";
import { createRehearsalWorld } from "../engine/rehearsal/rehearsal-world.ts";
import type { DriverCatalog } from "../plan/driver-catalog.ts";
import { healthyScenario } from "../plan/scenario/scenario.ts";

export interface Past {
  /** The catalog of one more rollout: nothing that an earlier one changed is live in it. */
  readonly catalog: () => DriverCatalog;
  /** Whether a question is open. */
  readonly isAsking: () => boolean;
  /** Resolves when none is any more; at once when none is. */
  readonly answered: () => Promise<void>;
}

/**
 * The catalog with changes and checks in memory and metrics of the past. Sources are opened once for all rollouts of a
 * backtest, because they keep what they were told. Virtual time stands still while a question is open.
 */
export function pastCatalog(catalog: DriverCatalog, plan: Plan, until: WallTime): Past {
  const nothing = { elapsed: () => 0, stageBegan: () => 0 };
  const world = createRehearsalWorld(plan, healthyScenario, nothing);
  const open = new Set<Promise<unknown>>();
  const past = new Map(
    [...catalog.metrics]
      .filter(([, driver]) => driver.openPast !== undefined)
      .map(([type, driver]) => [type, pastDriver(driver, until, open)] as const),
  );
  return {
    catalog: () => {
      const rehearsed = rehearsalCatalog(catalog, world);
      return { ...rehearsed, metrics: new Map([...rehearsed.metrics, ...past]) };
    },
    isAsking: () => open.size > 0,
    answered: async () => {
      while (open.size > 0) await Promise.race(open);
    },
  };
}

function pastDriver(
  driver: MetricDriver<unknown, unknown>,
  until: WallTime,
  open: Set<Promise<unknown>>,
): MetricDriver<unknown, unknown> {
  const sources = new Map<string, MetricSource<unknown>>();
  const sourceFor = (config: unknown): MetricSource<unknown> => {
    const key = JSON.stringify(config);
    const source = sources.get(key) ?? driver.openPast?.(config, until) ?? driver.open(config);
    sources.set(key, source);
    return source;
  };
  return {
    ...driver,
    open: (config) => ({
      sample(query, window, context) {
        const asked = sourceFor(config).sample(query, window, context);
        const done = asked.finally(() => open.delete(done));
        open.add(done);
        return done;
      },
      close: () => undefined,
    }),
  };
}
