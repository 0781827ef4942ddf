import type { WallTime } from "../../core/units.ts";
import type { PromPast, PromPoints } from "./ask-prometheus.ts";

/** How many points one range query asks for: enough to save round trips, few enough to waste little of the server's time. */
const STEPS = 120;
/** Questions further apart than this do not belong together. */
const LONGEST_STEP = 600;
const NO_POINTS: PromPoints = new Map();

interface Known {
  /** When it was asked last, in unix milliseconds. */
  last: number;
  points: PromPoints;
  /** The points that were asked for, empty ones too. */
  asked: ReadonlySet<number>;
  /** The server gave other times than those that were asked for. */
  isOffGrid: boolean;
}

/**
 * Asks about the past by range queries where it can: the second time that a query is asked, the distance to the first is
 * taken for the distance of all, and the next ones are asked at once. The value at a step of a range is what an instant
 * query at that time gives, but for the modifiers `@ start()` and `@ end()`; servers that move the steps are asked one by
 * one. Nothing after `until` is asked.
 */
export function createPromPast(until: WallTime): PromPast {
  const queries = new Map<string, Known>();
  return {
    async ask(query, at, { instant, range }) {
      const time = Math.round(at * 1000);
      const known = queries.get(query);
      if (known?.asked.has(time) === true) {
        known.last = time;
        return { kind: "series", series: known.points.get(time) ?? [] };
      }
      const step = known === undefined ? 0 : time - known.last;
      const next = { last: time, points: NO_POINTS, asked: new Set<number>() };
      const isOffGrid = known?.isOffGrid ?? query.includes("@");
      const steps = Math.min(STEPS, 1 + Math.floor((until - time) / step));
      if (isOffGrid || step <= 0 || step > LONGEST_STEP * 1000 || !(steps > 1)) {
        queries.set(query, { ...next, isOffGrid });
        return await instant();
      }
      const answer = await range(step / 1000, steps);
      if (answer.kind !== "points") return answer;
      const asked = new Set(Array.from({ length: steps }, (_, index) => time + index * step));
      if ([...answer.points.keys()].some((point) => !asked.has(point))) {
        queries.set(query, { ...next, isOffGrid: true });
        return await instant();
      }
      queries.set(query, { last: time, points: answer.points, asked, isOffGrid });
      return { kind: "series", series: answer.points.get(time) ?? [] };
    },
  };
}
