import type { Owner } from "../../src/core/event.ts";
import type { Clock, Processes } from "../../src/engine/ports.ts";

/** A process of the simulation: everything that it asks of the world waits while it is frozen, and for ever once it is dead. */
export interface SimProcess {
  readonly owner: Owner;
  readonly clock: Clock;
  readonly processes: Processes;
  readonly alive: () => boolean;
  /** True from the freeze to the thaw. */
  readonly frozen: () => boolean;
  freeze(): void;
  thaw(): void;
  kill(): void;
  /** Calls once, when the process asks the world for the n-th time, before that is asked. */
  atGate(n: number, call: () => void): void;
  /** Resolves when the process runs; never when it is dead. */
  gate(): Promise<void>;
}

/** The hosts and processes of one run. */
export interface Hosts {
  readonly all: readonly SimProcess[];
  start(host: string): SimProcess;
  /** Sets the wall clock of a host, and of all its processes, forth or back. */
  skew(host: string, by: number): void;
}

/** How long a runner that is asked to leave has before it is killed, in milliseconds. */
const LEAVE = 2000;

/** `killed` is told of each process that dies, with what it had under way. */
export function createHosts(clock: Clock, killed: (owner: Owner) => void): Hosts {
  const all: SimProcess[] = [];
  const skews = new Map<string, number>();
  const find = (owner: Owner): SimProcess | undefined =>
    all.find((process) => process.owner.pid === owner.pid);
  const processesOf = (self: Owner): Processes => ({
    self: () => self,
    isHere: (owner) => owner.host === self.host,
    isAlive: (owner) => find(owner)?.alive() ?? false,
    end: (owner) =>
      new Promise((resolve) => {
        if (owner.pid === self.pid) return resolve(false);
        const waits = find(owner)?.alive() === true ? LEAVE : 0;
        clock.after(waits, () => {
          find(owner)?.kill();
          resolve(true);
        });
      }),
    endServices: () => Promise.resolve(),
  });
  return {
    all,
    skew: (host, by) => void skews.set(host, (skews.get(host) ?? 0) + by),
    start(host) {
      const pid = all.length + 1;
      const owner: Owner = { host, pid, startTime: String(clock.mono()), bootId: host };
      const own = { ...clock, now: () => clock.now() + (skews.get(host) ?? 0) };
      const process = createProcess(owner, own, processesOf(owner), () => killed(owner));
      all.push(process);
      return process;
    },
  };
}

function createProcess(
  owner: Owner,
  clock: Clock,
  processes: Processes,
  killed: () => void,
): SimProcess {
  let state: "runs" | "frozen" | "dead" = "runs";
  let waiting: (() => void)[] = [];
  let gates = 0;
  const atGate = new Map<number, () => void>();
  const whenRunning = (call: () => void): void => {
    if (state === "runs") call();
    else if (state === "frozen") waiting.push(call);
  };
  return {
    owner,
    processes,
    alive: () => state !== "dead",
    frozen: () => state === "frozen",
    clock: {
      now: () => clock.now(),
      mono: () => clock.mono(),
      after: (ms, call) => {
        let cancelled = false;
        const stop = clock.after(ms, () => whenRunning(() => (cancelled ? undefined : call())));
        return () => {
          cancelled = true;
          stop();
        };
      },
    },
    freeze: () => void (state === "runs" && (state = "frozen")),
    thaw() {
      if (state !== "frozen") return;
      state = "runs";
      const calls = waiting;
      waiting = [];
      for (const call of calls) whenRunning(call);
    },
    kill() {
      if (state === "dead") return;
      state = "dead";
      waiting = [];
      killed();
    },
    atGate: (n, call) => void atGate.set(n, call),
    gate() {
      gates += 1;
      atGate.get(gates)?.();
      return new Promise((resolve) => whenRunning(resolve));
    },
  };
}
