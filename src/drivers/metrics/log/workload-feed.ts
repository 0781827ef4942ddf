import type { Millis, WallTime } from "../../../core/units.ts";
import type { DriverContext } from "../../driver.ts";
import type { LogFeed, OnLine } from "./log-line.ts";
import type { PodLine } from "./pod-logs.ts";
import type { PodReader } from "./pod-reader.ts";

export interface WorkloadFeedOptions {
  /** `deployment/api` */
  readonly workload: string;
  readonly readPods: PodReader;
}

/** How much further back is asked than was read, because nodes write late and kubectl counts in seconds. */
const OVERLAP: Millis = 10_000;
/** A first look that brings too much is made shorter, down to this. */
const SHORTEST: Millis = 1000;

interface Cursor {
  readonly stamp: string;
  /** How many lines with this very stamp were handed over. */
  readonly count: number;
}

/**
 * The lines of all Pods of a workload, through `kubectl logs`. Every read asks for a little more than what is new, and
 * what was seen is left out, container by container. A Pod that is gone is heard up to the last read before.
 */
export function createWorkloadFeed({ workload, readPods }: WorkloadFeedOptions): LogFeed {
  const cursors = new Map<string, Cursor>();
  let readAt: WallTime | null = null;
  let covered: WallTime | null = null;
  let newest: WallTime | null = null;

  function hand(lines: readonly PodLine[], now: WallTime, onLine: OnLine): void {
    for (const { from, text, at } of unseen(lines, cursors)) {
      // By a node's clock it may be a moment in the future.
      const time = Math.min(at, now);
      newest = Math.max(newest ?? time, time);
      onLine({ text, at: time, place: () => Promise.resolve(`a line of ${from}`) });
    }
  }

  async function fetchSince(
    back: Millis,
    context: DriverContext,
    onLine: OnLine,
  ): Promise<string | null> {
    const now = context.now();
    const got = await readPods(Math.ceil(back / 1000), context);
    if (got.kind !== "ok") return got.why;
    if (got.value.kind === "tooMany") {
      if (back <= SHORTEST) return `${workload} logs more than can be read`;
      // What lies between is lost: the window counts from here on.
      covered = null;
      return await fetchSince(Math.max(SHORTEST, back / 4), context, onLine);
    }
    covered ??= now - back;
    readAt = now;
    hand(got.value.lines, now, onLine);
    return null;
  }

  return {
    async read(from, onLine, context) {
      // Between questions there is no context to ask with, and each look would start a program.
      if (context === null) return null;
      const since = readAt === null ? from : readAt - OVERLAP;
      return await fetchSince(Math.max(SHORTEST, context.now() - since), context, onLine);
    },
    coveredSince: () => covered,
    newestAt: () => newest,
    close: () => cursors.clear(),
  };
}

/** The lines that were not handed over yet, and moves the cursors behind them. */
function unseen(lines: readonly PodLine[], cursors: Map<string, Cursor>): readonly PodLine[] {
  const before = new Map(cursors);
  const equal = new Map<string, number>();
  return lines.filter(({ from, stamp }) => {
    const last = before.get(from);
    const key = `${from} ${stamp}`;
    const nth = (equal.get(key) ?? 0) + 1;
    equal.set(key, nth);
    const isNew =
      last === undefined || stamp > last.stamp || (stamp === last.stamp && nth > last.count);
    if (isNew) cursors.set(from, { stamp, count: nth });
    return isNew;
  });
}
