import { readdirSync, readFileSync } from "node:fs";

/** What a process and all that it started have used and hold. */
export interface Usage {
  /** Of one core, in milliseconds; of those that are gone too, where their parent has waited for them. */
  readonly cpu: number;
  /** Resident memory, in KiB. */
  readonly rss: number;
}

/** A clock tick of /proc, in milliseconds, on every Linux. */
const TICK = 10;

/** Reads what a process tree uses now. */
export function usageOf(pid: number): Usage {
  const children = new Map<number, number[]>();
  const own = new Map<number, Usage>();
  for (const name of readdirSync("/proc").filter((each) => /^\d+$/u.test(each))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const parent = Number(fields[1]);
      const ticks = [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field]), 0);
      const status = readFileSync(`/proc/${name}/status`, "utf8");
      const rss = Number(/^VmRSS:\s+(\d+)/mu.exec(status)?.[1] ?? 0);
      own.set(Number(name), { cpu: ticks * TICK, rss });
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {
      // It ended while it was looked at.
    }
  }
  const total = (of: number): Usage =>
    (children.get(of) ?? [])
      .map(total)
      .reduce(
        (sum, each) => ({ cpu: sum.cpu + each.cpu, rss: sum.rss + each.rss }),
        own.get(of) ?? { cpu: 0, rss: 0 },
      );
  return total(pid);
}

/** By how much `y` grows with each `x`, by least squares. */
export function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map(([at]) => at)), mean(points.map(([, of]) => of))];
  const above = points.reduce((sum, [at, of]) => sum + (at - x) * (of - y), 0);
  const below = points.reduce((sum, [at]) => sum + (at - x) ** 2, 0);
  return above / below;
}
