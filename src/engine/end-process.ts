import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import type { Owner } from "../core/event.ts";
import { isAlive } from "./owner.ts";

/** How long a process may take to leave by itself before it is killed, and to be gone afterwards, in milliseconds. */
const LEAVE = 2000;
const STEP = 50;

/**
 * Ends an earlier runner of this rollout and every child that carries its rollout and an earlier epoch.
 * A runner that sees the claim leaves by itself; a frozen one is killed. True when all of them are gone.
 */
export async function endProcess(owner: Owner, rollout: string, epoch: number): Promise<boolean> {
  if (owner.pid === process.pid) return false;
  for (let waited = 0; waited < LEAVE && isAlive(owner); waited += STEP) await sleep(STEP);
  if (isAlive(owner)) kill(owner.pid);
  for (const pid of childrenOf(rollout, epoch)) kill(pid);
  for (let waited = 0; waited < LEAVE; waited += STEP) {
    if (!isAlive(owner) && childrenOf(rollout, epoch).length === 0) return true;
    await sleep(STEP);
  }
  return false;
}

/**
 * Ends what the checks of earlier epochs of this rollout left running when their runner was killed. A service gets a
 * moment to leave by itself. Resolves when all are gone, or have been killed.
 */
export async function endServices(rollout: string, epoch: number): Promise<void> {
  const left = (): readonly number[] => childrenOf(rollout, epoch, "CANARY_SERVICE");
  for (const pid of left()) kill(pid, "SIGTERM");
  for (let waited = 0; waited < LEAVE && left().length > 0; waited += STEP) await sleep(STEP);
  for (const pid of left()) kill(pid);
}

/** Processes started for an earlier epoch of this rollout, found by their environment; `has`: those that have this variable. */
function childrenOf(rollout: string, epoch: number, has = "CANARY_ROLLOUT"): readonly number[] {
  return namesOfProcesses().flatMap((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return [];
    const variables = environmentOf(name);
    const theirs = Number(variables.get("CANARY_EPOCH"));
    const isTheirs = variables.get("CANARY_ROLLOUT") === rollout && theirs < epoch;
    return isTheirs && variables.has(has) ? [Number(name)] : [];
  });
}

/** Names of the processes of this host; none where the system does not tell. */
function namesOfProcesses(): readonly string[] {
  try {
    return readdirSync("/proc");
  } catch {
    return [];
  }
}

function environmentOf(pid: string): ReadonlyMap<string, string> {
  try {
    const pairs = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
    return new Map(
      pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
    );
  } catch {
    // Gone meanwhile, or another user's: not ours to end.
    return new Map();
  }
}

function kill(pid: number, signal: NodeJS.Signals = "SIGKILL"): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already.
  }
}
