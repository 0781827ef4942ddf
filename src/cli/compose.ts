import { basename, join } from "node:path";

import type { Precedence } from "../drivers/precedence.ts";
import type { Engine, Observer, Records } from "../engine/ports.ts";
import type { DriverCatalog } from "../plan/driver-catalog.ts";
import type { Store } from "../store/store.ts";
import type { ThroughProxy } from "./kubectl-through-proxy.ts";
import { loadAhead } from "./load-ahead.ts";
import { readSecret } from "./read-secret.ts";
import type { KeptEvidence } from "./stores/kept-evidence.ts";

export interface EngineOptions {
  /** The folder that holds `<rollout>/…`, absolute. */
  readonly evidence: string;
  /** The address of the shared store for a rollout that is about to begin; without it the evidence is the store. */
  readonly store?: string | null;
  readonly by: string;
  readonly observe: Observer;
  /** `way-back`: each driver is loaded when it is first called, and no schema is. Default: all of them. */
  readonly drivers?: "all" | "way-back";
  /** Where several rollouts are undone at once; without it, this one is alone. */
  readonly precedence?: Precedence;
}

/**
 * The composition root: the only place that knows which store, clock, drivers and ports there are. It imports them when a
 * command first needs an engine, so that the commands without one start fast.
 */
export async function composeEngine(options: EngineOptions): Promise<Engine> {
  const { evidence, by, observe, drivers = "all" } = options;
  const [clock, processes, catalog, exec, http, kept, file, user] = await Promise.all([
    import("../engine/system-clock.ts"),
    import("../engine/system-processes.ts"),
    composeCatalog(drivers, options.precedence),
    import("../drivers/exec.ts"),
    import("../drivers/http.ts"),
    composeEvidence(evidence, options.store ?? null),
    import("../store/file-store.ts"),
    composeRecords(),
  ]);
  const { store } = kept;
  // The way back is short, and in a hurry.
  if (drivers === "all") void loadAhead();
  const direct = drivers === "way-back" ? await throughProxy(exec.createExec) : null;
  return {
    records: user,
    clock: clock.systemClock,
    store,
    elsewhere: (where) =>
      isShared(where)
        ? { store, evidence }
        : { store: file.createFileStore(where), evidence: where },
    evidence,
    writeEvidence: kept.writeEvidence,
    catalog,
    readEvidence: direct === null ? kept.readEvidence : preparing(kept.readEvidence, direct),
    processes: processes.systemProcesses,
    sealHead: async (head) => {
      const { writeHead } = await import("../evidence/journal-head.ts");
      await writeHead(join(evidence, head.rollout), await key(), head);
    },
    signedHeads: async (rollout) =>
      (await import("../evidence/list-heads.ts")).listHeads(join(evidence, rollout)),
    sealRollout: (rollout) => seal(kept, evidence, rollout),
    sealFollowed: async (rollout) => {
      if (await kept.complete(rollout)) await seal(kept, evidence, rollout).catch(() => undefined);
    },
    exec: direct?.exec ?? exec.createExec,
    http: http.createHttp,
    secret: readSecret,
    by,
    observe: guarded(observe),
  };
}

async function seal(kept: KeptEvidence, evidence: string, rollout: string): Promise<void> {
  const { sealRollout } = await import("./seal-rollout.ts");
  await kept.fetched();
  await sealRollout(kept.store, evidence, rollout, await key(), kept.readEvidence);
}

/** On the way back every process that is not started is time. */
async function throughProxy(exec: Engine["exec"]): Promise<ThroughProxy> {
  return (await import("./kubectl-through-proxy.ts")).kubectlThroughProxy(exec);
}

function preparing(read: Engine["readEvidence"], direct: ThroughProxy): Engine["readEvidence"] {
  return async (path) => {
    const text = await read(path);
    if (typeof text === "string" && basename(path) === "plan.json") direct.prepare(text);
    return text;
  };
}

async function composeCatalog(
  drivers: "all" | "way-back",
  precedence?: Precedence,
): Promise<DriverCatalog> {
  if (drivers === "all") return (await import("../drivers/registry.ts")).builtInDrivers();
  return (await import("../drivers/way-back-drivers.ts")).wayBackDrivers(precedence);
}

/** What this user's machine knows of rollouts beside their evidence. */
export async function composeRecords(): Promise<Records> {
  const [{ createUserRecords }, { stateDir }] = await Promise.all([
    import("../store/user-records.ts"),
    import("../store/state-dir.ts"),
  ]);
  return createUserRecords(stateDir());
}

/** The store of an evidence folder: for each rollout the folder itself, or the shared store that is known to hold it. */
export async function composeStore(evidence: string): Promise<Store> {
  return (await composeEvidence(evidence)).store;
}

/** The evidence of a folder, with `store` for rollouts that no index knows. */
export async function composeEvidence(
  evidence: string,
  store: string | null = null,
): Promise<KeptEvidence> {
  const [{ createFileStore }, { keptEvidence }, { stateDir }] = await Promise.all([
    import("../store/file-store.ts"),
    import("./stores/kept-evidence.ts"),
    import("../store/state-dir.ts"),
  ]);
  return keptEvidence(evidence, createFileStore(evidence, join(stateDir(), "targets")), store);
}

/** Whether a `where` is the address of a shared store; else it is a folder. */
function isShared(where: string): boolean {
  return /^[a-z]+:\/\//u.test(where);
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
