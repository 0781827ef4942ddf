import type { JournalEntry } from "../ports.ts";
import type { Run } from "../run.ts";
import type { Outbox } from "./outbox.ts";

const silent: Outbox = {
  onEntry: () => undefined,
  close: () => Promise.resolve(),
  stop: () => undefined,
};

/**
 * The outbox of an epoch, loaded only for a plan that tells somebody something, and beside the work: an abort's first
 * write does not wait for it. Entries keep their order.
 */
export function lazyOutbox(run: Run, earlier: readonly JournalEntry[]): Outbox {
  if ((run.plan.reactions ?? []).length === 0) return silent;
  const loaded = import("./outbox.ts").then(({ openOutbox }) => openOutbox(run, earlier));
  // An installation without it tells nobody, and must not end the rollout.
  loaded.catch(() => undefined);
  const later = (use: (outbox: Outbox) => void): void => void loaded.then(use, () => undefined);
  return {
    onEntry: (entry) => later((outbox) => outbox.onEntry(entry)),
    close: async (ms) => (await loaded.catch(() => silent)).close(ms),
    stop: () => later((outbox) => outbox.stop()),
  };
}
