import { join } from "node:path";

import type { Engine, Observer, Records } from "../engine/ports.ts";
import type { DriverCatalog } from "../plan/driver-catalog.ts";
import type { Store } from "../store/store.ts";
import { readSecret } from "./read-secret.ts";

export interface EngineOptions {
  /** The folder that holds `<rollout>/…`, absolute. */
  readonly evidence: string;
  readonly by: string;
  readonly observe: Observer;
  /** `way-back`: each driver is loaded when it is first called, and no schema is. Default: all of them. */
  readonly drivers?: "all" | "way-back";
}

/**
 * The composition root: the only place that knows which store, clock, drivers and ports there are. It imports them when a
 * command first needs an engine, so that the commands without one start fast.
 */
export async function composeEngine(options: EngineOptions): Promise<Engine> {
  const { evidence, by, observe, drivers = "all" } = options;
  const [clock, reading, processes, writing, catalog, exec, http, store, file, user] =
    await Promise.all([
      import("../engine/system-clock.ts"),
      import("../engine/read-text.ts"),
      import("../engine/system-processes.ts"),
      import("../evidence/write-file.ts"),
      composeCatalog(drivers),
      import("../drivers/exec.ts"),
      import("../drivers/http.ts"),
      composeStore(evidence),
      import("../store/file-store.ts"),
      composeRecords(),
    ]);
  return {
    records: user,
    clock: clock.systemClock,
    store,
    elsewhere: (where) => ({ store: file.createFileStore(where), evidence: where }),
    evidence,
    writeEvidence: (path, text, mode) => writing.writeFileAtomic(path, text, { mode }),
    catalog,
    readEvidence: reading.readText,
    processes: processes.systemProcesses,
    sealHead: async (head) => {
      const { writeHead } = await import("../evidence/journal-head.ts");
      await writeHead(join(evidence, head.rollout), await key(), head);
    },
    sealRollout: async (rollout) => {
      const { sealRollout } = await import("./seal-rollout.ts");
      await sealRollout(store, evidence, rollout, await key());
    },
    exec: exec.createExec,
    http: http.createHttp,
    secret: readSecret,
    by,
    observe: guarded(observe),
  };
}

async function composeCatalog(drivers: "all" | "way-back"): Promise<DriverCatalog> {
  if (drivers === "all") return (await import("../drivers/registry.ts")).builtInDrivers();
  return (await import("../drivers/way-back-drivers.ts")).wayBackDrivers();
}

/** What this user's machine knows of rollouts beside their evidence. */
export async function composeRecords(): Promise<Records> {
  const [{ createUserRecords }, { stateDir }] = await Promise.all([
    import("../store/user-records.ts"),
    import("../store/state-dir.ts"),
  ]);
  return createUserRecords(stateDir());
}

/** The store of an evidence folder. */
export async function composeStore(evidence: string): Promise<Store> {
  const [{ createFileStore }, { stateDir }] = await Promise.all([
    import("../store/file-store.ts"),
    import("../store/state-dir.ts"),
  ]);
  return createFileStore(evidence, join(stateDir(), "targets"));
}

async function key(): ReturnType<typeof import("../evidence/signing-key.ts").signingKey> {
  const [{ signingKey }, { stateDir }] = await Promise.all([
    import("../evidence/signing-key.ts"),
    import("../store/state-dir.ts"),
  ]);
  return signingKey(stateDir());
}

/** A mistake in what shows a rollout must not become a failure of the rollout. */
function guarded(observe: Observer): Observer {
  return (entry, line) => {
    try {
      observe(entry, line);
    } catch (error) {
      process.stderr.write(`canary could not show ${entry.event.kind}: ${String(error)}\n`);
    }
  };
}
