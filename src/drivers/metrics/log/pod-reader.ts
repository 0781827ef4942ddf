import type { Answer, DriverContext } from "../../driver.ts";
import { podLines, podSelector, type PodLines } from "./pod-logs.ts";

/** Reads what all Pods of a workload wrote in the last so many seconds. */
export type PodReader = (seconds: number, context: DriverContext) => Promise<Answer<PodLines>>;

interface Running {
  readonly seconds: number;
  readonly got: Promise<Answer<PodLines>>;
  /** Whether the one who asked was interrupted, which says nothing about the logs. */
  readonly isCut: () => boolean;
}

/** One for all metrics of a connection: those that ask at the same time share one `kubectl logs`. */
export function createPodReader(workload: string, container: string | undefined): PodReader {
  let selector: string | null = null;
  let running: Running | null = null;

  async function read(seconds: number, context: DriverContext): Promise<Answer<PodLines>> {
    if (selector === null) {
      const found = await podSelector(workload, context);
      if (found.kind !== "ok") return found;
      selector = found.value;
    }
    return await podLines(selector, container, seconds, context);
  }

  async function share(seconds: number, context: DriverContext): Promise<Answer<PodLines>> {
    if (running !== null && running.seconds >= seconds) {
      const { got, isCut } = running;
      const shared = await got;
      if (shared.kind === "ok" || !isCut() || context.signal.aborted) return shared;
      return await share(seconds, context);
    }
    const own: Running = {
      seconds,
      got: read(seconds, context),
      isCut: () => context.signal.aborted,
    };
    running = own;
    try {
      return await own.got;
    } finally {
      if (running === own) running = null;
    }
  }

  return share;
}
