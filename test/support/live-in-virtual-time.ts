import { playRollout, type PastRollout } from "../../src/backtest/play-rollout.ts";
import type { MetricDriver } from "../../src/drivers/driver.ts";
import type { Engine, PlanSource } from "../../src/engine/ports.ts";
import type { DriverCatalog } from "../../src/plan/driver-catalog.ts";
import { createMemoryStore } from "../../src/store/memory-store.ts";

export interface LiveOptions {
  readonly engine: Engine;
  readonly start: number;
  readonly until: number;
  /** Told the instant of each question, before it is asked. */
  readonly onAsk?: (at: number) => void;
}

/** A rollout that asks real sources what is now, as `canary start` does, while its clock stands still and waits for them. */
export async function liveInVirtualTime(
  source: PlanSource,
  { engine, start, until, onAsk = () => undefined }: LiveOptions,
): Promise<PastRollout> {
  const open = new Set<Promise<unknown>>();
  return await playRollout(source, {
    start,
    until,
    engine: {
      ...engine,
      store: createMemoryStore(),
      writeEvidence: () => Promise.resolve(),
      sealHead: () => Promise.resolve(),
      sealRollout: () => Promise.resolve(),
      catalog: tracked(engine.catalog, open, onAsk),
    },
    isAsking: () => open.size > 0,
    answered: async () => {
      while (open.size > 0) await Promise.race(open);
    },
  });
}

/** The real drivers, whose questions are counted while they are open. */
function tracked(
  catalog: DriverCatalog,
  open: Set<Promise<unknown>>,
  onAsk: (at: number) => void,
): DriverCatalog {
  const track = (driver: MetricDriver<unknown, unknown>): typeof driver => ({
    ...driver,
    open: (config) => {
      const source = driver.open(config);
      return {
        ...source,
        sample: (query, window, context) => {
          onAsk(context.now());
          const asked = source.sample(query, window, context);
          const done = asked.finally(() => open.delete(done));
          open.add(done);
          return done;
        },
      };
    },
  });
  const metrics = [...catalog.metrics].map(([type, driver]) => [type, track(driver)] as const);
  return { ...catalog, metrics: new Map(metrics) };
}
