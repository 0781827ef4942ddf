import { readFileSync } from "node:fs";
import { hostname } from "node:os";

import type { Owner } from "../core/event.ts";

/** This process, told so that another one on this host can find out whether it still lives. */
export function thisOwner(): Owner {
  return {
    host: hostname(),
    pid: process.pid,
    startTime: startTimeOf(process.pid) ?? "",
    bootId: bootId(),
  };
}

/** Whether an owner ran on this host and in this boot, so that its pid means something here. */
export function isSameHost(owner: Owner): boolean {
  return owner.host === hostname() && owner.bootId === bootId() && owner.startTime !== "";
}

/** Whether exactly this process still lives: a pid alone may have been given to another one. */
export function isAlive(owner: Owner): boolean {
  const started = startTimeOf(owner.pid);
  return started !== null && started === owner.startTime && stateOf(owner.pid) !== "Z";
}

/** The kernel's start time of a process in clock ticks since boot; null when there is no such process. */
export function startTimeOf(pid: number): string | null {
  return statOf(pid)?.[19] ?? null;
}

function stateOf(pid: number): string | null {
  return statOf(pid)?.[0] ?? null;
}

/** The fields of /proc/PID/stat after the command name, which may itself contain spaces and brackets. */
function statOf(pid: number): readonly string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return null;
  }
}

function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return "";
  }
}
