import type { MetricDriver } from "../../src/drivers/driver.ts";
import type { Engine } from "../../src/engine/ports.ts";
import type { SimProcess } from "./host.ts";
import { netStore } from "./net-store.ts";
import type { World } from "./world.ts";

// Loaded only when needed: here at once, because the virtual clock does not wait for the disk.
await import("../../src/engine/kill-without-baseline.ts");

/** What a process of the simulation works with: everything that it asks for goes through its gate. */
export function engineOf(world: World, process: SimProcess): Engine {
  const store = netStore(
    world.shared,
    process,
    world.faults,
    world.clock,
    world.random.fork(),
    world.ledger,
  );
  const nothing = (): Promise<void> => Promise.resolve();
  return {
    clock: process.clock,
    store,
    elsewhere: () => ({ store, evidence: "evidence" }),
    evidence: "evidence",
    writeEvidence: async (path, text) => {
      await process.gate();
      if (world.faults.full) throw new Error("no space left on the disk");
      world.files.set(path, text.toString());
    },
    readEvidence: async (path) => {
      await process.gate();
      return world.files.get(path) ?? null;
    },
    processes: process.processes,
    sealHead: nothing,
    sealRollout: nothing,
    catalog: {
      actions: new Map([["put", world.targets.driver(process)]]),
      metrics: new Map([["numbers", numbers(world, process)]]),
      checks: new Map(),
      evidence: new Map(),
      connections: new Map(),
      sinks: new Map(),
    },
    exec: () => () => Promise.reject(new Error("nothing is run here")),
    http: () => () => Promise.reject(new Error("nothing is sent here")),
    secret: (reference) => new Error(`no ${reference}`),
    by: "tester",
    observe: () => undefined,
  };
}

function numbers(world: World, process: SimProcess): MetricDriver<unknown, unknown> {
  const values = { good: 0, bad: 5, worse: 50, none: null, hangs: null } as const;
  return {
    type: "numbers",
    description: "",
    // The schemas are for plans in YAML; this one is built.
    get config(): never {
      throw new Error("no schema");
    },
    get query(): never {
      throw new Error("no schema");
    },
    window: () => 0,
    unit: () => null,
    lint: () => [],
    open: () => ({
      close: () => undefined,
      sample: async () => {
        await process.gate();
        await new Promise<void>((resolve) => void world.clock.after(5, resolve));
        if (world.metric === "hangs") return new Promise(() => undefined);
        const value = values[world.metric];
        await process.gate();
        world.served.push({ at: world.clock.mono(), pid: process.owner.pid, value });
        return value === null
          ? { kind: "noData", why: "nothing there" }
          : { kind: "value", value, samples: null, observedAt: null };
      },
    }),
  };
}
